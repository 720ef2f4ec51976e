// The simulated WhatsApp: chat server and phones, without sockets or clocks. Bytes of client connections go
// in, bytes for them come out; time and randomness are arguments, so that a run replays from a seed.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sandbox/accounts/directory.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/accounts/presence_office.h"
#include "sandbox/accounts/settings.h"
#include "sandbox/accounts/switchboard.h"
#include "sandbox/desk.h"
#include "sandbox/groups/groups_office.h"
#include "sandbox/links/link_codes.h"
#include "sandbox/links/passkeys.h"
#include "sandbox/links/registrar.h"
#include "sandbox/links/server_link.h"
#include "sandbox/media/media_store.h"
#include "sandbox/media/media_uploads.h"
#include "sandbox/messages/mailroom.h"
#include "sandbox/messages/router.h"
#include "sandbox/phones/phone.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

struct Write {
  ConnectionId connection = 0;
  Bytes bytes;
};
struct Close {
  ConnectionId connection = 0;
  bool cut = false;  // at once, without a farewell
};
using Effect = std::variant<Write, Close>;

struct NewAccount {
  std::string phone;  // 5 to 15 digits
  std::string lid;    // digits; empty: made up
  std::string name;   // empty: the number
  PhoneOptions options;
  std::string about = {};
  std::string picture = {};   // its URL; empty: none
  bool shows_nobody = false;  // neither about nor picture
  bool lid_migrated = true;
  bool tells_migration = true;
  bool sets_migration = true;
  bool tells_watchers = false;
  std::optional<Passkey> passkey = std::nullopt;
  bool hides_number = false;
  bool forbids_adding = false;
  std::string dialled = {};  // another number by which a lookup finds it; empty: none
  std::optional<Business> business = std::nullopt;
};

class Service {
 public:
  // `random` is kept by reference.
  Service(const Policy& policy, const ServerIdentity& identity, Instant now, Random& random);
  ~Service();

  // --- connections ---
  ConnectionId open(Instant now, bool secure = false);
  void receive(Instant now, ConnectionId connection, ByteView bytes);
  void closed(Instant now, ConnectionId connection);  // by the client; not after a Close effect
  void wake(Instant now);
  std::optional<Millis> next_wake() const;  // mono
  std::vector<Effect> take_effects();       // in order
  std::size_t connections() const { return clients_.size(); }

  // --- control ---
  Status add_account(Instant now, const NewAccount& account);  // already_exists, bad_input
  // Calls `done` now or from a later call, once.
  void scan(Instant now, const std::string& phone, const std::string& qr, Registrar::Scanned done);
  void enter_code(Instant now, const std::string& phone, const std::string& code, Registrar::Scanned done);
  Status refresh_code(Instant now, const std::string& phone);  // not_found: nobody shows one for it
  // Somebody calls the account, or a call ends: its companions hear of it. The call's id; not_found.
  Result<std::string> call(Instant now, const CallAction& call);
  const std::deque<CallRecord>& calls() const { return switchboard_.calls(); }
  // The account's phone is online or not, or somebody writes at it; to: of a chatstate. not_found.
  Status show(Instant now, const std::string& phone, bool available);
  Status write_state(Instant now, const std::string& phone, const std::string& to, wire::Node state);
  // `phone` took its account to the number `to`, which is an account of its own here: `told` hears of it.
  // not_found.
  Status moved(Instant now, const std::string& phone, const std::string& to, const std::string& told);
  // Whether others are told its number from now on. not_found.
  Status hide_number(Instant now, const std::string& phone, bool hidden);
  std::string passkey_code(const std::string& phone) const { return passkeys_.code(phone); }
  Result<std::string> send_text(Instant now, const std::string& phone, const std::string& to,
                                const std::string& text, const std::string& reply_to);
  Result<std::string> send_content(Instant now, const std::string& phone, const std::string& to,
                                   ByteView message, const Phone::Look& look, const std::string& id);
  Status read(Instant now, const std::string& phone, const std::string& chat,
              const std::vector<std::string>& ids, bool played = false);
  // Whether the account shows that it has read; its companions are told. not_found.
  Status show_reads(Instant now, const std::string& phone, bool shows);
  // Its JID's user part. Errors as those of GroupsOffice::create.
  Result<std::string> create_group(Instant now, const NewGroup& group);
  // What the account's phone asks of groups (groups_office.h): an iq, and its answer. not_found.
  Result<wire::Node> ask_groups(Instant now, const std::string& phone, const wire::Node& iq);
  // By its JID's user part, without a word to anybody: as if the news had got lost. not_found.
  Status change_group(Instant now, const std::string& id, const std::function<void(Group&)>& change);
  Status remove_device(Instant now, const std::string& phone, std::uint16_t number);
  // Cuts the links of that account, or of one device. How many.
  Result<std::size_t> disconnect(Instant now, const std::string& phone, std::optional<std::uint16_t> number);
  // `by` gives `to` its privacy token; not_found. notify: the companions of `to` hear of it.
  Status give_token(Instant now, const std::string& by, const std::string& to, bool notify);
  // nullopt: none. The account's companions are told. not_found.
  Status set_timelock(Instant now, const std::string& phone, std::optional<Timelock> timelock);
  Status set_capping(Instant now, const std::string& phone, std::optional<Capping> capping);
  // What its companions got without a content they get with it; not_found.
  Status release_withheld(Instant now, const std::string& phone);
  // A stanza of any kind, to the account's companions; kept until each has answered it. not_found.
  Status send_stanza(Instant now, const std::string& phone, const std::string& tag);
  // Where its media servers are (host:port), for clients that come in clear, and for those under TLS.
  void set_media_hosts(std::string plain, std::string secure);
  MediaStore& media() { return media_; }
  MediaUploads& uploads() { return uploads_; }
  bool media_fallback = false;  // whether a second host is named, which is the same
  // The phone sends a file; its log knows of it. not_found, bad_input.
  Result<std::string> send_file(Instant now, const std::string& phone, const std::string& to,
                                const PhoneFile& file);
  // How the phone answers who wants that message's file uploaded again; not_found.
  Status set_reupload(Instant now, const std::string& phone, const std::string& id, Reupload answer);
  std::uint64_t add_fault(Instant now, const Fault& fault);
  // For logins and scans from now on; another expiry is told to all who are logged in.
  void set_clients(Instant now, const ClientPolicy& policy);

  World& world() { return world_; }
  const World& world() const { return world_; }
  Phone* phone(const std::string& number);

 private:
  struct Client {
    std::unique_ptr<ServerLink> link;
    std::optional<DeviceRef> device;              // logged in
    std::optional<ServerLink::LoggedIn> waiting;  // for its answer, until `answer_at`
    Millis answer_at = 0;                         // mono
    bool secure = false;                          // it came under TLS
    bool silent = false;                          // a fault: nothing goes in or out any more
    bool closing = false;                         // nothing more comes in
  };

  void write(ConnectionId connection, const wire::Node& node);
  void close(ConnectionId connection, bool cut);
  void greet(ConnectionId connection, ServerLink::LoggedIn hello);
  void log_in(ConnectionId connection, const ServerLink::LoggedIn& hello);
  void adopt(ConnectionId connection, const DeviceRef& who);
  void handle(ConnectionId connection, const wire::Node& stanza);
  void handle_unpaired(ConnectionId connection, const wire::Node& stanza);
  void dispatch(const DeviceRef& from, const wire::Node& stanza);
  bool suffer(ConnectionId connection, const DeviceRef& who);
  void check_jids(const DeviceRef& from, const wire::Node& stanza);
  void unlink(const DeviceRef& who);
  void trace(ConnectionId connection, const wire::Node& stanza, bool from_client);
  void settle();  // phones answer what they were given, links that are over go

  World world_;
  ServerIdentity identity_;
  Mailroom mailroom_;
  KeyServer keys_;
  Directory directory_;
  TokenOffice tokens_;
  LimitsOffice limits_;
  GroupsOffice groups_;
  PresenceOffice presences_;
  Settings settings_;
  Switchboard switchboard_;
  MediaStore media_;
  MediaUploads uploads_;
  std::string media_plain_ = "media.invalid", media_secure_ = "media.invalid";
  Router router_;
  Registrar registrar_;
  LinkCodes link_codes_;
  Passkeys passkeys_;
  Desk desk_;
  std::map<std::string, std::unique_ptr<Phone>> phones_;
  ConnectionId next_connection_ = 1;
  std::map<ConnectionId, Client> clients_;
  std::vector<ConnectionId> closing_;
  std::deque<std::pair<std::string, wire::Node>> ringing_;  // for phones, in order
  std::deque<DeviceRef> to_greet_;
  bool settling_ = false;
  std::vector<Effect> effects_;
};

}  // namespace pigeond::sandbox
