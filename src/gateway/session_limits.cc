// What the service allows this account towards strangers, as a session shows and tells it.
#include <utility>

#include "gateway/session.h"
#include "gateway/ulid.h"

namespace pigeond::gateway {
namespace {

bool restricts(const std::optional<store::ReachoutTimelock>& timelock) {
  return timelock && timelock->active;
}
bool restricts(const std::optional<store::MessageCapping>& capping) {
  return capping && capping->status != "NONE";
}

}  // namespace

void Session::load_limits() {
  store::AccountLimits rows(env_.database, id_);
  timelock_ = rows.timelock();
  capping_ = rows.capping();
}

// Told when something is or was restricted: that all is as ever is no news.
void Session::handle(engine::TimelockChanged& changed) {
  const bool before = restricts(timelock_);
  timelock_ = std::move(changed.timelock);
  timelock_untold_ |= before || restricts(timelock_);
  tell_limits();
}

void Session::handle(engine::CappingChanged& changed) {
  const bool before = restricts(capping_);
  capping_ = std::move(changed.capping);
  capping_untold_ |= before || restricts(capping_);
  tell_limits();
}

// WAHA issues WORKING again, with what has changed in `data`. What is heard while the session logs in, or is
// being healed, is told when it works.
void Session::tell_limits() {
  if (removed_ || told_ != SessionStatus::working) return;
  const auto tell = [this](StatusChange change) {
    const Instant at = now();
    change.status = SessionStatus::working;
    change.recent = recent_;
    env_.host.tell(*this,
                   make_event("session.status", std::move(change), at, make_ulid(at.wall, env_.random)));
  };
  if (std::exchange(timelock_untold_, false)) {
    StatusChange change;
    change.timelock = timelock_;
    tell(std::move(change));
  }
  if (std::exchange(capping_untold_, false)) {
    StatusChange change;
    change.capping = capping_;
    tell(std::move(change));
  }
}

}  // namespace pigeond::gateway
