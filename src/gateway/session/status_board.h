// What of a session's status was told last: to programs by events, to people by the log.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/session/account.h"

namespace pigeond::gateway {

class StatusBoard {
 public:
  explicit StatusBoard(Account& account) : account_(account) {}

  // True: the status is told, be it because it or what it asks has changed, or because it is to be told
  // again.
  bool update(bool again);
  // Told with the next status, or with this one once more.
  void departed(const Departure& departure) { now_.departure = departure; }
  // With `working` once more: what the service allows has changed.
  void tell_limit(StatusChange change);

  std::optional<SessionStatus> told() const { return now_.told; }
  Millis since() const { return now_.since; }  // wall

  // What was told in a part, or in a tick, that is rolled back was not told.
  void begin_part() { part_ = now_; }
  void part_rolled_back() { now_ = part_; }
  void committed() { committed_ = now_; }
  void rolled_back() { now_ = part_ = committed_; }

 private:
  struct State {
    std::optional<SessionStatus> told = SessionStatus::stopped;
    std::string asked;  // with it
    std::vector<std::pair<SessionStatus, Millis>> recent;
    Millis since = 0;
    std::optional<Departure> departure;
  };

  Account& account_;
  State now_, part_, committed_;
  // A log's line is not taken back with the tick that wrote it: while nothing can be stored, each tick would
  // write the same again.
  std::optional<std::pair<SessionStatus, std::string>> logged_;
};

}  // namespace pigeond::gateway
