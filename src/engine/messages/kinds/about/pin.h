// Messages that are pinned in their chat, for everybody in it.
#pragma once

#include <cstdint>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// `seconds` 0: it is taken down. `sent`: Unix ms.
Content pin_content(const wa_MessageKey& target, std::uint32_t seconds, std::int64_t sent);

}  // namespace pigeond::engine
