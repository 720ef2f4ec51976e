// The parts of a stanza that direct messages and those to groups share: copies for single devices, and what
// stands beside them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// <participants>
struct Copies {
  wire::Node participants{"participants"};
  std::vector<wire::Jid> made;  // the devices that have one
  bool first_contact = false;   // of a device that has no session with this one yet: pkmsg
};

// A <to> for each device that has a session; the others are left out, and named in the log.
void add_copies(Desk& desk, const std::vector<wire::Jid>& devices, ByteView message, const StanzaLook& look,
                Copies& copies);

// <device-identity>, which goes with every pkmsg.
wire::Node identity_node(const Desk& desk);

// <reporting>, of contents that have a secret. `own`: this account's address in the chat.
std::optional<wire::Node> reporting_node(const std::string& id, const wire::Jid& own, const wire::Jid& chat,
                                         ByteView content);

}  // namespace pigeond::engine
