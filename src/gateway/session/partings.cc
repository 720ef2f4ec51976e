#include "gateway/session/partings.h"

#include <utility>

namespace pigeond::gateway {

void Partings::answer(bool logouts, bool removals, const Result<Departure>& result) {
  for (auto& waiter : std::exchange(waiting_, {})) {
    if (waiter.removal ? removals : logouts)
      account_.answer<Departure>(std::move(waiter.reply), result);
    else
      waiting_.push_back(std::move(waiter));
  }
}

void Partings::erased(const Departure& how) {
  answer(true, false, how);
}

void Partings::removed(const Departure& how) {
  answer(true, true, how);
}

void Partings::pending(const Error& why) {
  answer(true, true, Departure{false, false, why});
}

void Partings::called_off() {
  answer(false, true, fail(Cause::cancelled, "a later call wants the session to stay"));
}

void Partings::close(const Error& why) {
  answer(true, true, why);
}

}  // namespace pigeond::gateway
