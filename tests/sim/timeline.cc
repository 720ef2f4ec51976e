#include "timeline.h"

#include <algorithm>
#include <cstdio>

namespace pigeond::sim {

void History::mix(ByteView bytes) {
  for (const std::uint8_t byte : bytes) hash_ = (hash_ ^ byte) * 0x100000001b3;
}

void History::add(Millis mono, const std::string& who, const std::string& what) {
  ++lines_;
  const std::string line = std::to_string(mono) + " " + who + " " + what + "\n";
  mix(as_bytes(line));
  if (print_) std::fputs(line.c_str(), stdout);
}

void Timeline::at(Millis mono, std::function<void()> what) {
  events_.emplace(std::pair(std::max(mono, mono_), next_++), std::move(what));
}

bool Timeline::step(Millis until) {
  const auto first = events_.begin();
  if (first == events_.end() || first->first.first > until) {
    mono_ = std::max(mono_, until);
    return false;
  }
  mono_ = first->first.first;
  const auto what = std::move(first->second);
  events_.erase(first);
  what();
  return true;
}

}  // namespace pigeond::sim
