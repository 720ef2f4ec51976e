#include "base/time.h"

#include <time.h>

namespace pigeond {
namespace {

Millis read_clock(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return static_cast<Millis>(value.tv_sec) * kSecond + value.tv_nsec / 1'000'000;
}

}  // namespace

Instant SystemClock::now() {
  return {read_clock(CLOCK_BOOTTIME), read_clock(CLOCK_REALTIME)};
}

}  // namespace pigeond
