// Texts.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

inline constexpr std::uint32_t kConversation = 1;  // of a Message: the field of a text alone

// UTF-8, not empty, at most limits::kText characters.
Content text_content(std::string_view text);

}  // namespace pigeond::engine
