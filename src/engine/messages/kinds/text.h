// Texts.
#pragma once

#include <string_view>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// UTF-8, not empty, at most limits::kText characters.
Content text_content(std::string_view text);

}  // namespace pigeond::engine
