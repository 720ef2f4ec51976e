#include "engine/link/reconnect.h"

#include <algorithm>

namespace pigeond::engine {
namespace {

constexpr int kMaxFailures = 32;  // far beyond any cap

}  // namespace

Millis Backoff::next(Random& random) {
  Millis previous = 0, delay = kSecond;
  for (int i = 0; i < failures_ && delay < cap_; ++i) {
    const Millis sum = previous + delay;
    previous = delay;
    delay = sum;
  }
  delay = std::min(delay, cap_);
  failures_ = std::min(failures_ + 1, kMaxFailures);
  return jittered(delay, random);
}

Millis jittered(Millis delay, Random& random) {
  const Millis tenth = delay / 10;
  return delay - tenth + static_cast<Millis>(random.below(static_cast<std::uint64_t>(2 * tenth + 1)));
}

void Backoff::penalize(int failures) {
  failures_ = std::min(failures_ + failures, kMaxFailures);
}

}  // namespace pigeond::engine
