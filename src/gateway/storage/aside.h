// Work that blocks, one piece at a time on a thread of its own; that it is done is told on the loop thread.
#pragma once

#include <functional>
#include <thread>

#include "net/loop.h"

namespace pigeond::gateway {

class Aside {
 public:
  // Without `threads` work is done at once, before start() returns: for worlds that are replayed.
  Aside(net::Loop& loop, bool threads) : loop_(loop), threads_(threads) {}
  ~Aside() { wait(); }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  // False: other work is under way, or there is no thread to be had now. `done` may start the next.
  bool start(std::function<void()> work, std::function<void()> done);
  bool busy() const { return busy_; }
  void wait();  // until the work is done; `done` is not called then

 private:
  net::Loop& loop_;
  const bool threads_;
  bool busy_ = false;
  std::thread thread_;
  std::uint64_t number_ = 0;  // of the work
};

}  // namespace pigeond::gateway
