#include "gateway/storage/group_commit.h"

#include <algorithm>
#include <utility>

namespace pigeond::gateway {

Millis GroupCommit::due(bool somebody_waits, std::size_t callers) {
  callers_ = std::max(callers_, callers);
  if (!somebody_waits) return last_ + kForReceipts;
  // Two thirds of a millisecond for each of them; of a single caller nothing is left.
  const std::size_t busy = std::max(callers_, callers_before_);
  return last_ + std::min<Millis>(static_cast<Millis>(busy * 2 / 3), kForCallers);
}

void GroupCommit::committed(Millis mono) {
  last_ = mono;
  callers_before_ = std::exchange(callers_, 0);
}

}  // namespace pigeond::gateway
