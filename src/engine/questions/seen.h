// Tells the people of a chat that their messages were read, as far as the account shows that: else its own
// other devices alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct Seen {
  wire::Jid chat;  // with the form of the chat's address that ids have
  struct Message {
    std::string id;
    wire::Jid author;  // of a group: user; else empty
  };
  std::vector<Message> messages;  // that were marked as read
};

// `ids` empty: what is not read of the last 7 days, at most 30 messages of a person and 100 of a group.
// `author`: of a group its messages alone; empty: everybody's. What is read already is left alone.
void mark_seen(Desk& desk, const wire::Jid& chat, const std::vector<std::string>& ids,
               const wire::Jid& author, Answered<Seen> answered);

// That a voice message was listened to, or what may be opened once was opened; it is read then. Told to whom
// mark_seen() tells. nullopt: nobody sent a message of that id there.
void mark_played(Desk& desk, const wire::Jid& chat, const std::string& id,
                 Answered<std::optional<Seen>> answered);

}  // namespace pigeond::engine
