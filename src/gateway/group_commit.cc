#include "gateway/group_commit.h"

#include <algorithm>

namespace pigeond::gateway {

Millis GroupCommit::due(bool somebody_waits, std::size_t callers) const {
  if (!somebody_waits) return last_ + kForReceipts;
  return last_ + std::min<Millis>(static_cast<Millis>(callers / kCallers), kForCallers);
}

}  // namespace pigeond::gateway
