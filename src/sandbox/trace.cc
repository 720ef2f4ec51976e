#include "sandbox/trace.h"

#include <algorithm>

namespace pigeond::sandbox {

void Trace::add(TraceEntry entry) {
  if (capacity_ == 0) return;
  if (entries_.size() >= capacity_) entries_.pop_front();
  entry.index = next_entry_++;
  entries_.push_back(std::move(entry));
}

void Trace::mark_unsupported() {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (!entry->from_client) continue;
    entry->unsupported = true;
    return;
  }
}

std::vector<const TraceEntry*> Trace::newest(const std::string& account, std::size_t limit) const {
  std::vector<const TraceEntry*> found;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < limit; ++entry)
    if (account.empty() || entry->account == account) found.push_back(&*entry);
  std::reverse(found.begin(), found.end());
  return found;
}

void Trace::report(Violation violation) {
  if (violations_.size() >= kViolations) violations_.pop_front();
  violation.index = next_violation_++;
  violations_.push_back(std::move(violation));
}

}  // namespace pigeond::sandbox
