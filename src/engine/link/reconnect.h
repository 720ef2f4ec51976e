// Delays between attempts: 1, 1, 2, 3, 5, ... seconds up to a cap, each 10 % up or down by chance, so that
// many clients that lost one server don't come back in step.
#pragma once

#include "base/random.h"
#include "base/time.h"

namespace pigeond::engine {

inline constexpr Millis kReconnectCap = 900 * kSecond;

class Backoff {
 public:
  explicit Backoff(Millis cap = kReconnectCap) : cap_(cap) {}
  Millis next(Random& random);     // ms until the next attempt; counts a failure
  void penalize(int failures);     // as if that many more attempts had failed
  void reset() { failures_ = 0; }  // a login succeeded
  int failures() const { return failures_; }

 private:
  Millis cap_;
  int failures_ = 0;
};

// 10 % up or down by chance.
Millis jittered(Millis delay, Random& random);

}  // namespace pigeond::engine
