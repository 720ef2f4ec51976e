// What the loop thread tells another one of the journal: how far it is committed, and when the database is
// let go. And back: whether anybody follows.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

namespace pigeond::gateway {

class EventFeed {
 public:
  struct State {
    std::int64_t last = 0;  // events up to this number are committed
    // Grows when the database is let go: what was read of it before, and where streams stood, holds no more.
    std::uint64_t life = 1;
    bool usable = true;  // false: there is no database to be read
  };

  // --- the loop thread ---
  void committed(std::int64_t last);
  void lost();
  void back(std::int64_t last);

  // --- any thread ---
  State state() const;
  // `ring` is called on the loop thread whenever the state has changed, and must not block; nullptr: no more.
  // Nobody is called any longer when this has returned.
  void follow(std::function<void()> ring);
  void set_open(int streams) { open_ = streams; }
  int open() const { return open_; }

 private:
  template <typename Change>
  void change(const Change& change);

  mutable std::mutex mutex_;
  State state_;
  std::function<void()> ring_;
  std::atomic<int> open_{0};
};

}  // namespace pigeond::gateway
