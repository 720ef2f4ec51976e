#include "gateway/storage/retention.h"

#include <cstdlib>

#include "store/messages/idempotency_keys.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kBehind = kDay;
constexpr Millis kAhead = 3 * kDay, kFarAhead = 400 * kDay;
constexpr Millis kSteady = kDay;         // of running, with both clocks going alike
constexpr Millis kDrift = 10 * kMinute;  // between them, in that time
constexpr Millis kCountAgain = kMinute;

}  // namespace

void RetentionClock::begin(Instant now, Millis newest) {
  began_ = now;
  newest_ = newest;
}

bool RetentionClock::plausible(Instant now) const {
  if (const auto service = service_time_ ? service_time_() : std::nullopt)
    return std::llabs(now.wall - *service) <= kDay;
  const Millis running = now.mono - began_.mono;
  const bool steady = running >= kSteady && std::llabs((now.wall - began_.wall) - running) <= kDrift;
  if (newest_ == 0) return steady;
  const Millis ahead = now.wall - newest_ - running;
  return ahead >= -kBehind && ahead <= (steady ? kFarAhead : kAhead);
}

// To count is to read them all: only when there may be too many, and then not at every call.
bool KeyRoom::full(Millis mono) {
  const std::int64_t span = store::idempotency_key_span(database_);
  if (span - gaps_ < most_) {
    if (span < most_) gaps_ = 0;
    return false;
  }
  if (counted_at_ && mono - *counted_at_ < kCountAgain) return true;
  counted_at_ = mono;
  gaps_ = span - store::count_idempotency_keys(database_);
  return span - gaps_ >= most_;
}

}  // namespace pigeond::gateway
