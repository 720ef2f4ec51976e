#include "gateway/session_name.h"

#include <algorithm>

#include "base/limits.h"
#include "base/ulid.h"

namespace pigeond::gateway {

bool is_session_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= limits::kSessionName && std::ranges::all_of(name, allowed);
}

std::string made_session_name(Millis wall, Random& random) {
  return "session_" + ulid(wall, random);
}

}  // namespace pigeond::gateway
