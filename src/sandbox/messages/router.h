// Messages and receipts on their way from one device to others.
//
// A companion may get a message without its content, of which its phone has it (Fault::type says which):
//
//   ""           <unavailable/>                    the first one of who follows an advertisement, and others
//   "bare"       nothing at all                    the same
//   "view_once"  <unavailable type="view_once"/>   only the phone may open it
//   "hosted"     <unavailable hosted="true"/>      of a business's hosted chat
//   "bot"        <unavailable/><bot/>              of a bot
//
// Known from whatsmeow message.go, whatsapp-rust src/message/receive.rs and Baileys 7a5b0906.
//
// A device of which the sender has not heard gets a copy that is not for it, can't read that, and asks the
// sender for one: retries come from devices that no list names (whatsapp-rust 20189cb0 and 323a6e64; the web
// client counts them). Its sender is not told by the ack either.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "sandbox/accounts/key_server.h"
#include "sandbox/groups/group.h"
#include "sandbox/messages/mailroom.h"
#include "sandbox/messages/refusals.h"
#include "sandbox/messages/token_office.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class Router {
 public:
  Router(World& world, Mailroom& mailroom, KeyServer& keys, TokenOffice& tokens)
      : world_(world), mailroom_(mailroom), keys_(keys), tokens_(tokens), refusals_(world) {}

  // <message> of a device: checked, delivered, acknowledged (unless a fault says otherwise).
  void message(const DeviceRef& from, const wire::Node& stanza);
  TokenOffice& tokens() { return tokens_; }
  // <receipt> of a device: settles what it answers, and goes to whom it concerns.
  void receipt(const DeviceRef& from, const wire::Node& stanza);
  // What a phone lets one of its companions know through the service.
  void notify(const DeviceRef& companion, wire::Node notification) {
    mailroom_.deliver(companion, std::move(notification));
  }

 private:
  struct Copy {
    DeviceRef to;
    Form form = Form::pn;
    const wire::Node* enc = nullptr;
  };
  struct Envelope {
    const wire::Node* stanza = nullptr;
    DeviceRef from;
    wire::Jid to;  // as written
    Account* recipient = nullptr;
    const Group* group = nullptr;  // instead of one
    bool resend = false;           // to one device that asked for it
    bool peer = false;             // among devices of one account
    std::vector<Copy> copies;
    int error = 0;      // of the ack; 0: accepted
    std::string phash;  // of the ack, when the sender's list was stale
    std::string mode;   // of the ack: how the group's members are addressed, when the sender took the other
    std::string addressee() const { return group != nullptr ? group->id : recipient ? recipient->phone : ""; }
  };

  void check_addresses(Envelope& envelope);
  void check_look(Envelope& envelope);
  void read_copies(Envelope& envelope);
  void add_copy(Envelope& envelope, const wire::Jid& jid, const wire::Node* enc);
  void check_copy(Envelope& envelope, const Copy& copy);
  void check_fanout(Envelope& envelope);
  void compare_fanout(Envelope& envelope, const Account& account, const std::set<DeviceRef>& sent);
  void check_identity(Envelope& envelope);
  void check_resend(Envelope& envelope);
  bool is_stale(const Envelope& envelope, const Account& account) const;
  bool seen_before(Envelope& envelope);
  void remember(const Envelope& envelope);
  wire::Node delivery(const Envelope& envelope, const Copy& copy);
  void deliver_unheard_of(const Envelope& envelope);
  wire::Node as_given(const Envelope& envelope, const Copy& copy, wire::Node whole);
  void acknowledge(const Envelope& envelope);
  void refuse(Envelope& envelope, int error, const std::string& rule, const std::string& detail);

  void status_update(Envelope& envelope);  // statuses.cc

  // group_messages.cc
  void group_message(Envelope& envelope);
  void check_membership(Envelope& envelope);
  void read_keys(Envelope& envelope);
  void add_key(Envelope& envelope, const wire::Node& to);
  const wire::Node* check_text(Envelope& envelope);
  void check_keyed(Envelope& envelope, const wire::Node& text);
  void check_group_phash(Envelope& envelope);
  void group_resend(Envelope& envelope);
  bool was_told(const DeviceRef& device, const Group& group) const;
  wire::Node group_delivery(const Envelope& envelope, const DeviceRef& to, const wire::Node* key,
                            const wire::Node* text) const;

  // group_receipts.cc
  void route_group_receipt(const DeviceRef& from, const wire::Node& stanza, const Group& group);

  void route_receipt(const DeviceRef& from, const wire::Node& stanza, const wire::Jid& to);
  wire::Node forwarded(const DeviceRef& from, const wire::Node& stanza, Form form) const;

  World& world_;
  Mailroom& mailroom_;
  KeyServer& keys_;
  TokenOffice& tokens_;
  Refusals refusals_;
  // Retries that were asked for: (sender, message id, who asked).
  std::set<std::tuple<DeviceRef, std::string, DeviceRef>> asked_;
  // The sender key with which a device writes in a group, and whom it has handed something with it.
  struct HandedOut {
    std::uint32_t key = 0;
    std::set<DeviceRef> devices;
  };
  std::map<std::pair<DeviceRef, std::string>, HandedOut> handed_;
};

}  // namespace pigeond::sandbox
