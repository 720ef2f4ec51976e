// Where a <message> comes from: chat, author, and the other forms of their JIDs that stand beside them.
#pragma once

#include "base/result.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {

struct Source {
  std::string id;
  wire::Jid from;    // the attribute, for answers
  wire::Jid chat;    // user without device (as addressed: PN or LID), or group, broadcast, newsletter
  wire::Jid sender;  // device JID; hosted servers named by their base server
  bool from_me = false;
  bool peer = false;  // category="peer": between devices of this account
  bool offline = false;
  bool chat_known = true;  // false: from an own device without recipient; deviceSentMessage names the chat
  std::int64_t timestamp = 0;
  std::string edit = {};  // the attribute: what the message does to another one, as the service lets it
};

// Reads and learns: each PN/LID pair in the attributes goes into the directory. malformed: id, from or
// participant is missing, or a stranger's message names a recipient.
Result<Source> read_source(Desk& desk, const wire::Node& message);

// The pairs in the attributes of any stanza. Those of a direct message are its service's last word; of a
// group's message, a receipt or a notification they are seen in passing.
void learn_pairs(Desk& desk, const wire::Node& stanza);

}  // namespace pigeond::engine
