// What the service allows this account towards strangers, as a session shows and tells it.
#pragma once

#include <optional>

#include "gateway/session/status_board.h"

namespace pigeond::gateway {

class Limits {
 public:
  Limits(Account& account, StatusBoard& board) : account_(account), board_(board) {}

  void load();
  void forget();
  void changed(engine::TimelockChanged& changed);
  void changed(engine::CappingChanged& changed);
  void tell();  // what is untold, once the session works
  void show(Me& me) const;

 private:
  Account& account_;
  StatusBoard& board_;
  std::optional<store::ReachoutTimelock> timelock_;
  std::optional<store::MessageCapping> capping_;
  bool timelock_untold_ = false, capping_untold_ = false;
};

}  // namespace pigeond::gateway
