// When a tick's unit of work is committed. One commit is one sync of the disk however much it holds, so under
// load the next one gathers for a few milliseconds: more for what nobody waits for, in proportion to the
// callers for what somebody does, and not at all for a single caller or on a quiet machine.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace pigeond::gateway {

class GroupCommit {
 public:
  static constexpr Millis kForReceipts =
      20;  // after the last commit, when only receipts and acknowledgements wait
  static constexpr Millis kForCallers = 5;    // the most that callers wait
  static constexpr std::size_t kCallers = 8;  // for each of which there is another millisecond

  // The mono time, in ms, from which the open unit of work is to be committed.
  Millis due(bool somebody_waits, std::size_t callers) const;
  void committed(Millis mono) { last_ = mono; }

 private:
  Millis last_ = -kForReceipts;
};

}  // namespace pigeond::gateway
