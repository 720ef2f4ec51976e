// Who may fetch a history just now. Each takes up to HistoryReading::kLongestFile of the disk and a part of
// the processor while it is read: however many accounts are linked at once, a few go at a time, in the order
// in which they came.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "net/loop.h"

namespace pigeond::gateway {

class HistoryTurns {
 public:
  static constexpr std::size_t kAtOnce = 2;

  // `loop` is kept by reference, and outlives it. Everything on the loop thread.
  explicit HistoryTurns(net::Loop& loop) : loop_(loop) {}

  // A place in the line, held as long as it lives, which must be shorter than the line. `begin` is called
  // once, from the loop, never before it returns.
  class Place {
   public:
    Place(HistoryTurns& turns, std::function<void()> begin);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    HistoryTurns& turns_;
    const std::uint64_t number_;
  };

 private:
  void call();

  net::Loop& loop_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::function<void()>> waiting_;  // by age
  std::set<std::uint64_t> busy_;
};

}  // namespace pigeond::gateway
