#include "gateway/session/limits.h"

#include <utility>

namespace pigeond::gateway {
namespace {

bool restricts(const std::optional<store::ReachoutTimelock>& timelock) {
  return timelock && timelock->active;
}
bool restricts(const std::optional<store::MessageCapping>& capping) {
  return capping && capping->status != "NONE";
}

}  // namespace

void Limits::load() {
  store::AccountLimits rows(account_.database(), account_.id());
  timelock_ = rows.timelock();
  capping_ = rows.capping();
}

void Limits::forget() {
  timelock_.reset();
  capping_.reset();
  timelock_untold_ = capping_untold_ = false;
}

void Limits::show(Me& me) const {
  me.timelock = timelock_;
  me.capping = capping_;
}

// Told when something is or was restricted: that all is as ever is no news.
void Limits::changed(engine::TimelockChanged& changed) {
  const bool before = restricts(timelock_);
  timelock_ = std::move(changed.timelock);
  timelock_untold_ |= before || restricts(timelock_);
  tell();
}

void Limits::changed(engine::CappingChanged& changed) {
  const bool before = restricts(capping_);
  capping_ = std::move(changed.capping);
  capping_untold_ |= before || restricts(capping_);
  tell();
}

// `working` is told again, with what has changed. What is heard while the session logs in, or is
// being healed, is told when it works.
void Limits::tell() {
  if (board_.told() != SessionStatus::working) return;
  if (std::exchange(timelock_untold_, false)) {
    StatusChange change;
    change.timelock = timelock_;
    board_.tell_limit(std::move(change));
  }
  if (std::exchange(capping_untold_, false)) {
    StatusChange change;
    change.capping = capping_;
    board_.tell_limit(std::move(change));
  }
}

}  // namespace pigeond::gateway
