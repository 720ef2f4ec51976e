#include "engine/link/keepalive.h"

namespace pigeond::engine {
namespace {

constexpr Millis kShortest = 20 * kSecond;
constexpr Millis kSpread = 10 * kSecond;
constexpr Millis kAnswer = 20 * kSecond;
constexpr Millis kLate = 15 * kSecond;  // a timer so late means that the machine slept
constexpr Millis kAnswerLate = 5 * kSecond;

Millis pick_interval(Random& random) {
  return kShortest + static_cast<Millis>(random.below(static_cast<std::uint64_t>(kSpread + 1)));
}

}  // namespace

void Keepalive::start(Millis mono, Random& random) {
  running_ = true;
  waiting_ = false;
  last_received_ = mono;
  interval_ = pick_interval(random);
}

void Keepalive::stop() {
  running_ = false;
}

void Keepalive::received(Millis mono) {
  last_received_ = mono;
  waiting_ = false;
}

Keepalive::Action Keepalive::wake(Millis mono, Random& random) {
  if (!running_) return Action::none;
  if (waiting_) return mono >= deadline_ ? Action::dead : Action::none;
  const Millis due = last_received_ + interval_;
  if (mono < due) return Action::none;
  waiting_ = true;
  deadline_ = mono + (mono >= due + kLate ? kAnswerLate : kAnswer);
  interval_ = pick_interval(random);
  return Action::ping;
}

std::optional<Millis> Keepalive::next_wake() const {
  if (!running_) return std::nullopt;
  return waiting_ ? deadline_ : last_received_ + interval_;
}

}  // namespace pigeond::engine
