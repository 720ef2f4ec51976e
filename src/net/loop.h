// A single-threaded epoll loop. Everything but post() and stop() belongs to the thread that runs it. Idle
// costs no wake-up: the wait is exactly as long as the nearest timer is away, and without timers for ever.
//
// A handler, task or timer may watch, unwatch, cancel and destroy whatever it likes, itself included; it must
// not call run_once().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "net/posix.h"

namespace pigeond::net {

class Loop {
 public:
  using Task = std::function<void()>;
  using Handler = std::function<void(std::uint32_t ready)>;
  using TimerId = std::uint64_t;  // never 0, never used twice

  // For watch(). An error or hang-up of the descriptor is reported as both.
  static constexpr std::uint32_t kReadable = 1;
  static constexpr std::uint32_t kWritable = 2;

  explicit Loop(Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Clock& clock() { return clock_; }
  Instant now() { return clock_.now(); }

  // Level-triggered. The descriptor stays the caller's: unwatch it before closing it.
  void watch(int fd, std::uint32_t events, Handler handler);
  void set_events(int fd, std::uint32_t events);  // of a watched one; 0 keeps it but reports errors only
  void unwatch(int fd);

  // Runs `task` on the loop thread, in the order posted. From any thread; tasks left at destruction are
  // dropped.
  void post(Task task);

  // Runs `task` once, at or after `mono` (ms of Instant::mono). Equal times run in the order they were set.
  TimerId at(Millis mono, Task task);
  TimerId after(Millis delay, Task task) { return at(now().mono + delay, std::move(task)); }
  void cancel(TimerId id);  // of a timer that ran, or 0: nothing happens

  // One round: waits until something is ready, posted or due, or until `deadline_mono`, then handles all of
  // what is ready at that moment and returns. What a handler posts in this round runs in the next. False
  // after stop().
  bool run_once(std::optional<Millis> deadline_mono = std::nullopt);
  // When run_once() has something to do though no descriptor becomes ready (ms of Instant::mono, not later
  // than now if it is due); nullopt: never. For who turns the loop by hand.
  std::optional<Millis> next_due();
  void run();   // rounds until stop()
  void stop();  // from any thread, or a signal handler

  // Scratch space for one read(2), shared by all streams of this loop so that idle ones hold none.
  std::span<std::uint8_t> read_buffer() { return {read_buffer_.get(), kReadBuffer}; }

 private:
  struct Watch {
    int fd;
    std::uint32_t events;
    Handler handler;
  };
  static constexpr std::size_t kReadBuffer = 32 * 1024;

  int wait_time(std::optional<Millis> deadline_mono);
  void dispatch(std::uint64_t watch_id, std::uint32_t epoll_events);
  void run_posted();
  void run_timers();
  void wake();

  Clock& clock_;
  UniqueFd epoll_;
  UniqueFd wake_fd_;
  std::unique_ptr<std::uint8_t[]> read_buffer_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<int, std::uint64_t> watch_ids_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Watch>> watches_;
  std::map<std::pair<Millis, TimerId>, Task> timers_;
  std::unordered_map<TimerId, Millis> timer_times_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;  // guards posted_
  std::vector<Task> posted_;
  std::atomic<std::thread::id> thread_{};
};

}  // namespace pigeond::net
