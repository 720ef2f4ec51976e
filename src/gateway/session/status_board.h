// What of a session's status was told last: to programs by session.status, to people by the log.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "gateway/session/account.h"

namespace pigeond::gateway {

class StatusBoard {
 public:
  explicit StatusBoard(Account& account) : account_(account) {}

  // True: the status is told, be it because it has changed or because it is to be told again.
  bool update(bool again);
  // Told with the next status, or with this one once more.
  void departed(const Departure& departure) { departure_ = departure; }
  // With WORKING once more: what the service allows has changed.
  void tell_limit(StatusChange change);

  std::optional<SessionStatus> told() const { return told_; }
  Millis since() const { return since_; }  // wall

 private:
  Account& account_;
  std::optional<SessionStatus> told_ = SessionStatus::stopped;
  std::vector<std::pair<SessionStatus, Millis>> recent_;
  Millis since_ = 0;
  std::optional<Departure> departure_;
};

}  // namespace pigeond::gateway
