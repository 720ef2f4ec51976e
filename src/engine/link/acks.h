// The answer that every message, receipt, notification and call needs exactly once: without it the server
// delivers the stanza again at the next login.
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

}  // namespace pigeond::engine
