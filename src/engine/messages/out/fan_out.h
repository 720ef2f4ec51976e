// One message for all devices that are to have it: the recipient's, and the account's own others.
#pragma once

#include <string>
#include <vector>

#include "engine/messages/desk.h"

namespace pigeond::engine {

// Where a direct message goes. `to` and `own` have the same form, PN or LID: a stanza that mixes them is
// refused (400).
struct Destination {
  wire::Jid to;            // user
  wire::Jid own;           // this device
  wire::Jid recipient_pn;  // for peer_recipient_pn: the recipient's number, if `to` is a LID
  bool self = false;       // to this account: every copy is device-sent
};

// In that form, as far as the recipient's and our own address in it are known; else in the other one.
Destination resolve(Desk& desk, const wire::Jid& user, AddressForm form = AddressForm::usual);
// The form that this address is not in; nullopt: the user has no address in it that is known.
std::optional<AddressForm> other_form_of(Desk& desk, const wire::Jid& to);

struct Targets {
  std::vector<wire::Jid> recipients, own;  // device JIDs, all of one form; never this device
  std::string hash() const;                // over all of them: what an ack names if the server knows others
};

// nullopt: a device list is missing.
std::optional<Targets> targets(Desk& desk, const Destination& destination);

struct FannedOut {
  wire::Node stanza;
  std::string phash;
  bool hands_out = false;  // a group's sender key, to others; see engine/messages/groups/group_sending.h
};

// `content`: the serialised Message. Devices without a session are left out; no_devices if no recipient is
// left.
Result<FannedOut> fan_out(Desk& desk, const std::string& id, const Destination& destination,
                          const Targets& targets, ByteView content);

}  // namespace pigeond::engine
