// A time as people read it, in messages and logs.
#pragma once

#include <cstdint>
#include <string>

namespace pigeond {

std::string utc_text(std::int64_t unix_seconds);  // "2026-11-21T13:00:00Z"

}  // namespace pigeond
