// So many requests in so many seconds, as a bucket that fills again at an even pace (the generic cell rate
// algorithm): at once, or spread, but over no time more than both together.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace pigeond::api {

class RateLimit {
 public:
  // `requests` in `seconds`; 0 requests: any number.
  RateLimit(std::int64_t requests, std::int64_t seconds) : requests_(requests), seconds_(seconds) {}

  // Takes one request. How long (ms, rounded up) until it would be taken; 0: it was.
  Millis take(Millis mono) {
    if (requests_ <= 0) return 0;
    const std::int64_t now = mono * 1000;
    const std::int64_t whole = seconds_ * 1'000'000;
    const std::int64_t each = whole / requests_;
    const std::int64_t full_at = std::max(full_at_, now) + each;
    if (full_at - now > whole) return (full_at - now - whole + 999) / 1000;
    full_at_ = full_at;
    return 0;
  }

 private:
  std::int64_t requests_, seconds_;
  std::int64_t full_at_ = 0;  // mono us: when the bucket is full again
};

}  // namespace pigeond::api
