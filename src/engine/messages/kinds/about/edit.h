// Edits of messages: what the message says from now on.
#pragma once

#include <cstdint>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// `now_says`: the whole message, as it is from now on. `sent`: Unix ms.
Content edit_content(const wa_MessageKey& target, std::unique_ptr<wa_Message> now_says, std::int64_t sent);

// What the message of an edit says from now on. Of one that is not encrypted; nullptr: nothing.
const wa_Message* edited(const wa_Message& message);

}  // namespace pigeond::engine
