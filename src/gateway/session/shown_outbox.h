// What the messages of a session's outbox wait for, to be looked at from other threads. Of a few it is told
// with each tick of the session; of many, which would cost each tick as much as all of them, four times a
// second.
#pragma once

#include <memory>

#include "gateway/session/account.h"
#include "gateway/session/session_board.h"

namespace pigeond::gateway {

class ShownOutbox {
 public:
  explicit ShownOutbox(Account& account) : account_(account), again_(account) {}

  // After a commit. nullptr: all wait for the link, or there are none.
  std::shared_ptr<const Standings> look();

 private:
  Account& account_;
  Alarm again_;
  std::shared_ptr<const Standings> last_;
  Millis looked_ = 0;  // mono; when last_ was made
};

}  // namespace pigeond::gateway
