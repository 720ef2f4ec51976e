// A simulated phone: the primary device of an account, with Signal sessions of its own. It scans QR codes,
// signs its companions, sends and reads texts, and answers receipts as a real one does.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sandbox/accounts/adv.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/media/media_store.h"
#include "sandbox/messages/router.h"
#include "sandbox/phones/history.h"
#include "sandbox/phones/phone_log.h"
#include "sandbox/world.h"
#include "signal/group.h"
#include "signal/memory_store.h"
#include "signal/session.h"

namespace pigeond::sandbox {

struct PhoneOptions {
  std::optional<std::string> reply;  // answers every text: "echo", or with this
  Form addressing = Form::lid;       // for chats that it opens
  bool tells_salt = true;            // a companion is told with what tokens for strangers are made
  bool history_inline = false;       // the chats come along, and are not uploaded
  std::size_t history_messages = 0;  // made up, beside those that are there
};

// A file that a phone sends.
struct PhoneFile {
  std::string kind;  // image, video, gif, ptv, audio, ptt, document or sticker
  std::string mimetype, caption, filename;
  std::uint32_t seconds = 0;
  bool view_once = false;
  Bytes content;
};

class Phone {
 public:
  // The account must exist; its device 0 is registered here.
  Phone(World& world, Router& router, KeyServer& keys, MediaStore& media, const std::string& phone,
        const PhoneOptions& options);

  // --- companions ---
  wa_ADVSignedDeviceIdentity approve(const Key32& identity, std::uint32_t key_index, bool forge);
  Result<Key32> agree(const Key32& pub) const { return crypto::agree(identity_.priv, pub); }
  void list_changed();                   // signs the key index list anew
  void greet(std::uint16_t companion);   // app-state key, names and history, as after linking
  void forget(std::uint16_t companion);  // it is no device of ours any more

  // --- chats ---
  // `to`: digits, a user's JID or a group's. Error: bad_input, not_found. The id.
  Result<std::string> send_text(const std::string& to, const std::string& text, const std::string& reply_to);
  // Read receipts for messages of that chat, or receipts that they were played.
  Status read(const std::string& chat, const std::vector<std::string>& ids, bool played = false);
  // What a phone sends beside texts: a serialised Message, and what its stanza shows of it.
  struct Look {
    std::string type = "text", edit = {}, poll = {}, event = {};
    bool hidden = false;
    std::string media = {};
  };
  Result<std::string> send_content(const std::string& to, ByteView message, const Look& look,
                                   const std::string& id);
  // Uploads a file and sends it. bad_input: kind; not_found: to.
  Result<std::string> send_file(const std::string& to, const PhoneFile& file);
  PhoneLog& log() { return log_; }
  // Whether the keys that it holds open that message to a group, be it that it is no member any more. Nothing
  // changes by it.
  bool can_read(const Group& group, const DeviceRef& sender, ByteView ciphertext) const;

  void receive(const wire::Node& stanza);  // what the service delivers to device 0

 private:
  struct Kept {  // for resending
    wire::Jid to;
    Bytes plaintext;      // as for others
    Bytes own_plaintext;  // wrapped for own devices
    bool peer = false;
    Look look = {};
  };

  struct Upload {  // a history that a companion has not read yet
    std::uint16_t companion = 0;
    Bytes content;
    MediaStore::Uploaded uploaded;
  };

  DeviceRef self() const { return {phone_, 0}; }
  Account& account() { return *world_.account(phone_); }
  signal::Address address(const DeviceRef& device) const;
  std::string make_id();
  void make_keys();

  // --- phone.cc ---
  bool ensure_session(const DeviceRef& device, Form form, bool renew);
  std::optional<wire::Node> encrypt_for(const DeviceRef& device, ByteView plaintext);
  Result<wire::Jid> chat_named(const std::string& to);
  Form own_form(const wire::Jid& chat) const;
  static void add_meta(wire::Node& stanza, const Look& look);
  void send(const std::string& id, const Kept& message);
  std::string send_peer(std::uint16_t companion, const Bytes& plaintext);  // the id
  void keep(const std::string& id, Kept message);

  // --- phone_groups.cc ---
  std::vector<DeviceRef> group_devices(const Group& group) const;
  Bytes group_key(const Group& group, const std::vector<DeviceRef>& devices);
  void send_to_group(const std::string& id, const Kept& message);
  void resend_to_group(const std::string& id, const Kept& message, const DeviceRef& device,
                       std::uint64_t count);
  void receive_in_group(const wire::Node& stanza);
  bool open_in_group(const wire::Node& stanza, const DeviceRef& sender, const wire::Node& enc);
  Status read_in_group(const wire::Jid& group, const std::vector<std::string>& ids, bool played);
  static wire::Node seen(const std::vector<std::string>& ids, bool played, std::int64_t now);  // a receipt

  // --- phone_greeting.cc ---
  HistoryContent chats();
  void upload_history(std::uint16_t companion, const Bytes& content);
  void history_receipt(const wire::Node& receipt, const DeviceRef& companion);

  // --- phone_media.cc ---
  std::optional<PhoneMedia> fetch_media(const wire::Node& stanza, const DeviceRef& sender,
                                        const wa_Message& message);
  void reupload(const wire::Node& receipt, const DeviceRef& companion);

  // --- phone_resend.cc ---
  void take_peer(const wire::Node& stanza, const DeviceRef& companion, const wa_Message& message);
  Bytes message_info(const DeviceRef& companion, const wa_MessageKey& wanted);

  // --- phone_receive.cc ---
  void receive_message(const wire::Node& stanza);
  Result<Bytes> decrypt(const DeviceRef& sender, const wire::Node& enc);
  void take_message(const wire::Node& stanza, const DeviceRef& sender, const wa_Message& message);
  void take_amendment(const wire::Node& stanza, const DeviceRef& sender, const wa_ProtocolMessage& message);
  void check_look(const wire::Node& stanza, const DeviceRef& sender, const wa_Message& message);
  void confirm_message(const wire::Node& stanza, const DeviceRef& sender);
  void ask_again(const wire::Node& stanza);
  void receive_receipt(const wire::Node& stanza);
  void answer_retry(const wire::Node& stanza, const DeviceRef& requester);
  void receive_ack(const wire::Node& stanza);
  void reply_to(const PhoneMessage& message);

  World& world_;
  Router& router_;
  KeyServer& keys_;
  MediaStore& media_;
  std::string phone_;
  PhoneOptions options_;
  crypto::KeyPair identity_;
  std::uint32_t raw_id_;
  Bytes app_state_key_;  // 32 bytes; the same for all companions
  signal::MemoryStore store_;
  signal::Sessions sessions_;
  signal::GroupSessions groups_;
  struct GroupKey {  // with which it writes in a group
    Form form = Form::lid;
    std::set<DeviceRef> holders;
  };
  std::map<std::string, GroupKey> group_keys_;  // by group
  std::uint32_t next_key_ = 1;
  signal::SignedPreKey signed_key_;
  PhoneLog log_;
  std::map<std::string, Kept> kept_;
  std::deque<std::string> kept_order_;
  std::map<std::string, int> retries_;     // asked for, by message id
  std::map<std::string, Upload> uploads_;  // by message id
};

// Signal plaintexts: the message and 1 to 16 bytes of padding, each of that number.
Bytes pad(ByteView message, Random& random);
Result<Bytes> unpad(ByteView padded);
// <registration> of `user`, the rest of `keys`: the layouts of a fetched bundle and of a retry receipt.
std::optional<signal::PreKeyBundle> read_bundle(const wire::Node& user, const wire::Node& keys);

}  // namespace pigeond::sandbox
