// Reactions to messages.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// `emoji` empty: the one that was there is taken back. `sent`: Unix ms.
Content reaction_content(const wa_MessageKey& target, std::string_view emoji, std::int64_t sent);

}  // namespace pigeond::engine
