#include "base/utc_text.h"

#include <time.h>

namespace pigeond {

std::string utc_text(std::int64_t unix_seconds) {
  const time_t when = unix_seconds;
  tm parts{};
  if (gmtime_r(&when, &parts) == nullptr) return std::to_string(unix_seconds);
  char text[64];
  return {text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace pigeond
