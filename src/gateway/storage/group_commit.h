// When a tick's unit of work is committed. One commit is one sync of the disk however much it holds, so under
// load the next one gathers for a few milliseconds: more for what nobody waits for, in proportion to the
// callers for what somebody does, and not at all for a single caller or on a quiet machine. Callers who were
// just answered count as well: they are about to come again.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace pigeond::gateway {

class GroupCommit {
 public:
  static constexpr Millis kForReceipts =
      20;  // after the last commit, when only receipts and acknowledgements wait
  static constexpr Millis kForCallers = 10;  // the most that callers wait

  // The mono time, in ms, from which the open unit of work is to be committed.
  Millis due(bool somebody_waits, std::size_t callers);
  void committed(Millis mono);

 private:
  Millis last_ = -kForReceipts;
  std::size_t callers_ = 0;         // the most at a time since then
  std::size_t callers_before_ = 0;  // and in the unit of work before
};

}  // namespace pigeond::gateway
