// protocolMessage: what devices of one account tell each other. Nobody else is listened to.
#pragma once

#include "engine/messages/desk.h"
#include "engine/messages/in/source.h"
#include "wire/proto.h"

namespace pigeond::engine {

// Acts on those kinds that only the own account may send, if it did: history notification, app state keys and
// their requests, peer data answers, LID mappings. From anybody else they are dropped with a log line.
void handle_protocol_message(Desk& desk, const Source& source, const wa_ProtocolMessage& message);

}  // namespace pigeond::engine
