// Time comes in as an argument: below src/net and src/app nothing reads a clock.
#pragma once

#include <cstdint>

namespace pigeond {

using Millis = std::int64_t;

inline constexpr Millis kSecond = 1000;
inline constexpr Millis kMinute = 60 * kSecond;
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

// One reading of both clocks. Deadlines and intervals are counted on `mono`, what is shown, stored or sent is
// `wall`.
struct Instant {
  Millis mono = 0;  // ms since an arbitrary start; never goes back
  Millis wall = 0;  // ms since 1970-01-01 UTC; may jump

  std::int64_t unix_seconds() const { return wall / kSecond; }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

// CLOCK_BOOTTIME (it counts a suspended machine's sleep) and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  Instant now() override;
};

}  // namespace pigeond
