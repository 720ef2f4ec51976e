// What a stanza shows of its content: the service routes by it, and clients decide by it what to show of a
// message that they can't read.
#pragma once

#include "engine/messages/kinds/content.h"
#include "wire/node.h"

namespace pigeond::engine {

// The attributes type and edit of <message>.
void show_on_message(wire::Node& message, const StanzaLook& look);
// The attributes mediatype and decrypt-fail of <enc>.
void show_on_enc(wire::Node& enc, const StanzaLook& look);
// <meta polltype="" event_type=""/>, where there is something to say.
std::optional<wire::Node> meta_of(const StanzaLook& look);

}  // namespace pigeond::engine
