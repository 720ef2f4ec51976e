// Whom a message names, in the form of addresses by which its chat goes.
#pragma once

#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/kinds/text.h"

namespace pigeond::engine {

// Phones show a name where "@" and the digits of the address stand in the text: both have the chat's form.
struct Mentions {
  std::vector<wire::Jid> users;   // who has no address in that form that is known keeps the one he was given
  std::vector<Renamed> in_texts;  // those whose digits are others than the program wrote
};

// `own`: the account's address in that chat, whose form is the chat's.
Mentions mentions_in(Desk& desk, const wire::Jid& own, const std::vector<wire::Jid>& asked);

}  // namespace pigeond::engine
