#include "engine/messages/identity/lookups.h"

namespace pigeond::engine {

std::optional<Number> Lookups::find(const std::string& digits, Millis mono) const {
  const auto known = known_.find(digits);
  if (known == known_.end()) return std::nullopt;
  const Entry& entry = known->second;
  if (mono - entry.at >= (entry.number.exists ? kFound : kMissing)) return std::nullopt;
  return entry.number;
}

void Lookups::put(const std::string& digits, const Number& number, Millis mono) {
  if (known_.size() >= kKept) known_.clear();
  known_[digits] = {number, mono};
}

}  // namespace pigeond::engine
