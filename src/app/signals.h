// Signals as calls on a thread of their own: SIGTERM and SIGINT end, SIGHUP reloads.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace pigeond::app {

class Signals {
 public:
  struct Handlers {
    std::function<void()> stop;
    std::function<void()> reload;
    std::function<void()> abandon;  // last words before the process is ended; may be empty
  };

  // Blocks these signals in this thread and those it makes: create it before any other thread.
  Signals();
  ~Signals();

  // Handlers run on the thread of signals. `stop` having no effect within 5 s ends the process: what is
  // committed is safe. So does asking again, but not within the first second: timeout(1) and service managers
  // signal a process and its group, and a terminal's Ctrl-C is quickly hit twice.
  void start(Handlers handlers);

 private:
  void work(const Handlers& handlers);

  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace pigeond::app
