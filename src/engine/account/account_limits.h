// Whether the account may start new chats: the reachout timelock and the capping of new chats. Read at login
// when what is known is old, when a message is refused for it, and when the timelock should be over; heard
// from notifications in between. A change is told as an effect.
#pragma once

#include <functional>
#include <optional>

#include "engine/account/mex.h"
#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "store/account/account_limits.h"

namespace pigeond::engine {

class AccountLimits {
 public:
  using Query = std::function<void(wire::Node iq, IqCallback callback)>;
  // `query` as Desk::query.
  AccountLimits(Context& context, Query query);

  void online();
  void offline() { recheck_at_.reset(); }
  // <notification type="mex"> about either. False: about something else.
  bool take(const wire::Node& notification);

  // Asks the service; `done` comes once, when the answer is worked in, or there was none: link_lost if the
  // link went meanwhile.
  void refresh_timelock(std::function<void(const Status&)> done);
  void refresh_capping(std::function<void(const Status&)> done);

  // The timelock that holds now; nullopt: none is known.
  std::optional<store::ReachoutTimelock> lock();
  std::optional<store::MessageCapping> capping() { return rows_.capping(); }

  void wake();
  std::optional<Millis> next_wake() const { return recheck_at_; }

 private:
  void learn(const store::ReachoutTimelock& timelock);
  void learn(const store::MessageCapping& capping);
  void plan_recheck(const store::ReachoutTimelock& timelock);

  Context& context_;
  Query query_;
  store::AccountLimits rows_;
  std::optional<Millis> recheck_at_;  // mono; the timelock should be over
};

}  // namespace pigeond::engine
