// What programs say about a message becomes the content that is stored and sent.
#pragma once

#include <vector>

#include "engine/messages/about/saying.h"
#include "engine/messages/desk.h"
#include "engine/messages/out/fan_out.h"

namespace pigeond::engine {

// `chat`: where it goes; `destination`: the form of it. Errors name the message (Field::target): not_found,
// too_late (an edit after 20 minutes), forbidden (what can't be done to a message of that kind, or to one of
// somebody else). Of a vote that message is Field::poll, and bad_input (Field::options) an option that it
// lacks, or too many.
Result<Bytes> content_of(Desk& desk, const wire::Jid& chat, const Destination& destination,
                         const Remark& about, const std::vector<wire::Jid>& mentions);

}  // namespace pigeond::engine
