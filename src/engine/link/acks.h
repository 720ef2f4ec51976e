// The answer that every message, receipt, notification and call needs exactly once, and every stanza of a
// kind that nobody here knows as well: without it the server delivers the stanza again at the next login, and
// ends the stream over it now and then.
#pragma once

#include "wire/node.h"

namespace pigeond::engine {

// <ack class id to [type] [participant] [recipient]/>, as whatsmeow copies the attributes:
// `type` is copied for everything but messages, and not for an identity change (whatsapp-rust);
// `participant` of a receipt only where it isn't the sender itself. `error`: 0, or why the stanza is refused
// (nack).
wire::Node ack_for(const wire::Node& stanza, int error = 0);

// Whether stanzas of that tag are owed an ack.
bool needs_ack(const wire::Node& stanza);

// Whether others have an id and a sender by which they can be refused. What belongs to the stream itself, or
// is an answer, is not.
bool is_answerable(const wire::Node& stanza);

// The web client's numbers (whatsapp-rust wacore/src/protocol/nack.rs); those of messages are in
// messages/in/answers.h.
inline constexpr int kUnparsable = 487;
inline constexpr int kUnrecognizedStanza = 488;

// An ack with an error, in the web client's shape: it says as well who refuses.
wire::Node nack_for(const wire::Node& stanza, int error, const wire::Jid& own);

}  // namespace pigeond::engine
