// What is old enough to go, and by which clock. All that is removed because of its age asks here: a clock
// that can't be true (a board without a battery that starts in 1970, a wrong time server's 2099) removes
// nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class RetentionClock {
 public:
  // The service's time (Unix ms), if some session knows it now.
  using ServiceTime = std::function<std::optional<Millis>()>;

  explicit RetentionClock(ServiceTime service_time) : service_time_(std::move(service_time)) {}

  // `newest`: Unix ms, the service's time of the newest message that is stored; 0: none.
  void begin(Instant now, Millis newest);

  // Whether the wall clock may say that something is old. What the service says decides, where it is known:
  // a day's difference is too much. Until then the clock must not be before the newest message, less a day,
  // and not more than three days after it; or after a day of running steadily, not more than 400.
  bool plausible(Instant now) const;

 private:
  ServiceTime service_time_;
  Instant began_{};
  Millis newest_ = 0;
};

// How many idempotency keys there may be, of all sessions together.
class KeyRoom {
 public:
  KeyRoom(store::Database& database, std::int64_t most) : database_(database), most_(most) {}
  bool full(Millis mono);
  std::int64_t most() const { return most_; }

 private:
  store::Database& database_;
  const std::int64_t most_;
  std::int64_t gaps_ = 0;             // in the numbers of the rows, when they were last counted
  std::optional<Millis> counted_at_;  // mono
};

struct Retention {
  RetentionClock clock;
  KeyRoom keys;
};

}  // namespace pigeond::gateway
