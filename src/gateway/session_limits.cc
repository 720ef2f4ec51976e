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
  if (!before && !restricts(timelock_)) return;
  StatusChange told;
  told.timelock = timelock_;
  tell_limits(std::move(told));
}

void Session::handle(engine::CappingChanged& changed) {
  const bool before = restricts(capping_);
  capping_ = std::move(changed.capping);
  if (!before && !restricts(capping_)) return;
  StatusChange told;
  told.capping = capping_;
  tell_limits(std::move(told));
}

// WAHA issues WORKING again, with what has changed in `data`.
void Session::tell_limits(StatusChange told) {
  if (removed_ || status() != SessionStatus::working) return;
  const Instant at = now();
  told.status = SessionStatus::working;
  told.recent = recent_;
  env_.host.tell(*this, make_event("session.status", std::move(told), at, make_ulid(at.wall, env_.random)));
}

}  // namespace pigeond::gateway
