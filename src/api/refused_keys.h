// Wrong API keys: answered ever later for each peer, counted, and told in the log now and then. A right key
// is never held back, so that who shares an address with a guesser (a proxy, a NAT) keeps the API.
//
// On the server's loop, but for count().
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace pigeond::api {

class RefusedKeys {
 public:
  // A wrong key came from `peer`. How long (ms) its answer is to be held back: nothing for the first few,
  // then twice as long each time, up to limits::kRefusedKeyDelay. A peer that has been quiet for an hour
  // starts anew.
  Millis refused(const std::string& peer, Instant now);

  std::uint64_t count() const { return count_; }  // since the start, from any thread

 private:
  struct Peer {
    std::uint64_t times = 0;
    Millis last = 0;  // mono
  };
  void make_room(Millis mono);
  void tell(const std::string& peer, const Peer& record, Millis mono);

  std::unordered_map<std::string, Peer> peers_;  // at most limits::kRefusedKeyPeers
  std::atomic<std::uint64_t> count_{0};
  Millis next_line_ = 0;      // mono
  std::uint64_t untold_ = 0;  // refusals since the last line
};

}  // namespace pigeond::api
