#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace pigeond::net {

// Threads for what blocks: made when all others are busy, up to a limit, and gone when they had nothing to do
// for a while. An idle gateway keeps none. No call throws for want of a thread.
class HttpWorkers {
 public:
  using Task = std::function<void()>;  // must not throw
  // Runs its argument on a new thread, or throws std::system_error.
  using MakeThread = std::function<void(std::function<void()>)>;

  HttpWorkers(std::size_t threads, std::size_t queue, MakeThread make_thread = {});
  ~HttpWorkers();  // stop()

  enum class Outcome { taken, queue_full, no_thread };
  // `taken` too when no further thread can be had but others will come to it. From any thread.
  Outcome submit(Task task);
  // Runs what was taken, then waits for the threads to end. Nothing more is taken.
  void stop();

 private:
  void work();

  const std::size_t threads_;
  const std::size_t queue_;
  const MakeThread make_thread_;
  std::mutex mutex_;
  std::condition_variable wake_, ended_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0, idle_ = 0;
  bool stopping_ = false;
};

}  // namespace pigeond::net
