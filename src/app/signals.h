// Signals as calls on a thread of their own: SIGTERM and SIGINT end, SIGHUP reloads.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace pigeond::app {

class Signals {
 public:
  // Blocks these signals in this thread and those it makes: create it before any other thread.
  Signals();
  ~Signals();

  // Handlers run on the thread of signals. A second SIGTERM or SIGINT, or `stop` having no effect within 5 s,
  // ends the process: what is committed is safe.
  void start(std::function<void()> stop, std::function<void()> reload);

 private:
  void work(const std::function<void()>& stop, const std::function<void()>& reload);

  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace pigeond::app
