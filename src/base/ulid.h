// ULIDs (github.com/ulid/spec) in lower case: names that sort by the time at which they were made.
//
//   01jd2x9k7m 3f9k2c1v0q8w5t6y
//   |          |
//   time, ms   random               48 and 80 bits, in Crockford's base 32
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace pigeond {

inline constexpr std::string_view kCrockfordAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

std::string ulid(Millis wall, Random& random);

}  // namespace pigeond
