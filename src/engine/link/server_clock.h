// The service's time. It is told at login, and counted on the monotonic clock from there on: this machine's
// wall clock may be wrong (a board without a battery) and may jump, and tokens, keys and receipts are dated
// for the service.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace pigeond::engine {

class ServerClock {
 public:
  // The `t` of <success> or of a pairing's <iq>. Senseless times are ignored.
  void told(Instant now, std::optional<std::uint64_t> unix_seconds) {
    constexpr std::uint64_t kFirst = 1'000'000'000, kLast = std::uint64_t{1} << 40;
    if (!unix_seconds || *unix_seconds < kFirst || *unix_seconds >= kLast) return;
    ahead_of_mono_ = static_cast<Millis>(*unix_seconds) * kSecond - now.mono;
  }

  bool known() const { return ahead_of_mono_.has_value(); }
  // ms since 1970-01-01 UTC. Before the first login it is the wall clock's.
  Millis at(Instant now) const { return ahead_of_mono_ ? now.mono + *ahead_of_mono_ : now.wall; }

 private:
  std::optional<Millis> ahead_of_mono_;
};

}  // namespace pigeond::engine
