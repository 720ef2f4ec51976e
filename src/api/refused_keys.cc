#include "api/refused_keys.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"

namespace pigeond::api {
namespace {

constexpr std::uint64_t kFree = 3;   // a mistyped key is told at once
constexpr Millis kFirstDelay = 100;  // then twice as much each time
constexpr Millis kForgotten = kHour;
constexpr Millis kBetweenLines = kMinute;

}  // namespace

Millis RefusedKeys::refused(const std::string& peer, Instant now) {
  ++count_;
  if (!peers_.contains(peer)) make_room(now.mono);
  Peer& record = peers_[peer];
  if (now.mono - record.last > kForgotten) record.times = 0;
  record.last = now.mono;
  ++record.times;
  tell(peer, record, now.mono);
  if (record.times <= kFree) return 0;
  const std::uint64_t doublings = std::min<std::uint64_t>(record.times - kFree - 1, 16);
  return std::min(kFirstDelay << doublings, limits::kRefusedKeyDelay);
}

// Whoever was quiet longest is forgotten: a guesser with many addresses pushes out its own.
void RefusedKeys::make_room(Millis mono) {
  std::erase_if(peers_, [mono](const auto& entry) { return mono - entry.second.last > kForgotten; });
  if (peers_.size() < limits::kRefusedKeyPeers) return;
  peers_.erase(std::min_element(peers_.begin(), peers_.end(),
                                [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

void RefusedKeys::tell(const std::string& peer, const Peer& record, Millis mono) {
  ++untold_;
  if (mono < next_line_) return;
  log::warning("wrong API key", {{"peer", peer},
                                 {"from_it", std::to_string(record.times)},
                                 {"since_last_line", std::to_string(untold_)}});
  next_line_ = mono + kBetweenLines;
  untold_ = 0;
}

}  // namespace pigeond::api
