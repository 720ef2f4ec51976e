// The devices that are to read what is written in a group: each member's, and the account's own others, all
// in the form in which the group's members are addressed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/groups/group.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {

struct Roster {
  wire::Jid self;                   // this device
  std::vector<wire::Jid> own;       // the account's others
  std::vector<wire::Jid> others;    // of the other members
  std::vector<wire::Jid> unlisted;  // users whose devices are not known; then the others are not complete

  // Over all of them, and this device: what the service compares with its own, as whatsmeow and zapo send it
  // with each message.
  std::string phash() const;
};

// This device, in the form in which the group's members are addressed.
wire::Jid self_in(const Desk& desk, const Group& group);

// Hosted devices are left out, as all clients do: they read no groups.
Roster roster_of(Desk& desk, const Group& group);

// Members without the account itself.
std::int64_t others_in(const Desk& desk, const Group& group);

}  // namespace pigeond::engine
