// What sessions may be called, and what one is called that nobody has named.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace pigeond::gateway {

// 1 to 54 characters of a-z, A-Z, 0-9, _ and -.
bool is_session_name(std::string_view name);

// "session_" and a ULID in lower case.
std::string made_session_name(Millis wall, Random& random);

}  // namespace pigeond::gateway
