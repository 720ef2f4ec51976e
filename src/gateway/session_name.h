// What sessions may be called.
#pragma once

#include <string_view>

namespace pigeond::gateway {

// 1 to 54 characters of a-z, A-Z, 0-9, _ and -.
bool is_session_name(std::string_view name);

}  // namespace pigeond::gateway
