// ULIDs (github.com/ulid/spec): 48 bits of time and 80 of chance in Crockford's base 32, here in lower case
// as WAHA writes them. They sort by their time.
#pragma once

#include <string>

#include "base/random.h"
#include "base/time.h"

namespace pigeond::gateway {

std::string make_ulid(Millis wall, Random& random);  // 26 characters

}  // namespace pigeond::gateway
