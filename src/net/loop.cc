#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/log.h"

namespace pigeond::net {
namespace {

constexpr std::uint64_t kWakeId = 0;

std::uint32_t to_epoll(std::uint32_t events) {
  return ((events & Loop::kReadable) != 0 ? EPOLLIN | EPOLLRDHUP : 0U) |
         ((events & Loop::kWritable) != 0 ? EPOLLOUT : 0U);
}

// A loop without its kernel objects can do nothing at all: out of descriptors at start, or a bug.
void must(bool good, const char* what) {
  if (good) return;
  log::error("loop", {{"call", what}, {"errno", std::to_string(errno)}});
  std::abort();
}

}  // namespace

Loop::Loop(Clock& clock)
    : clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      read_buffer_(new std::uint8_t[kReadBuffer]) {
  must(epoll_ && wake_fd_, "create");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeId;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_fd_.get(), &event) == 0, "epoll_ctl");
}

Loop::~Loop() = default;

void Loop::watch(int fd, std::uint32_t events, Handler handler) {
  unwatch(fd);
  const std::uint64_t id = next_id_++;
  epoll_event event{};
  event.events = to_epoll(events);
  event.data.u64 = id;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl add");
  watch_ids_[fd] = id;
  watches_[id] = std::make_shared<Watch>(Watch{fd, events, std::move(handler)});
}

void Loop::set_events(int fd, std::uint32_t events) {
  auto found = watch_ids_.find(fd);
  if (found == watch_ids_.end()) return;
  Watch& watch = *watches_[found->second];
  if (watch.events == events) return;
  watch.events = events;
  epoll_event event{};
  event.events = to_epoll(events);
  event.data.u64 = found->second;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0, "epoll_ctl mod");
}

void Loop::unwatch(int fd) {
  auto found = watch_ids_.find(fd);
  if (found == watch_ids_.end()) return;
  (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  watches_.erase(found->second);
  watch_ids_.erase(found);
}

void Loop::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_fd_.get(), &one, sizeof one);  // full means that it is awake already
}

void Loop::post(Task task) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first && thread_.load(std::memory_order_relaxed) != std::this_thread::get_id()) wake();
}

Loop::TimerId Loop::at(Millis mono, Task task) {
  const TimerId id = next_id_++;
  timers_.emplace(std::pair(mono, id), std::move(task));
  timer_times_[id] = mono;
  return id;
}

void Loop::cancel(TimerId id) {
  auto found = timer_times_.find(id);
  if (found == timer_times_.end()) return;
  timers_.erase({found->second, id});
  timer_times_.erase(found);
}

std::optional<Millis> Loop::next_due() {
  bool waits = stopped_;
  {
    std::lock_guard lock(mutex_);
    waits = waits || !posted_.empty();
  }
  if (waits) return now().mono;
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

// Milliseconds for epoll_wait(2): 0 when there is work already, -1 for ever.
int Loop::wait_time(std::optional<Millis> deadline_mono) {
  std::optional<Millis> until = next_due();
  if (deadline_mono) until = until ? std::min(*until, *deadline_mono) : *deadline_mono;
  if (!until) return -1;
  const Millis left = *until - now().mono;
  return static_cast<int>(std::clamp<Millis>(left, 0, INT_MAX));
}

bool Loop::run_once(std::optional<Millis> deadline_mono) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  std::array<epoll_event, 64> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), wait_time(deadline_mono));
  must(count >= 0 || errno == EINTR, "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kWakeId) {
      std::uint64_t ignored = 0;
      (void)!::read(wake_fd_.get(), &ignored, sizeof ignored);
    } else {
      dispatch(event.data.u64, event.events);
    }
  }
  run_posted();
  run_timers();
  return !stopped_;
}

void Loop::dispatch(std::uint64_t watch_id, std::uint32_t epoll_events) {
  auto found = watches_.find(watch_id);
  if (found == watches_.end()) return;  // unwatched by an earlier handler of this round
  std::shared_ptr<Watch> watch = found->second;
  std::uint32_t ready = 0;
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) {
    ready = kReadable | kWritable;
  } else {
    if ((epoll_events & (EPOLLIN | EPOLLRDHUP)) != 0) ready |= kReadable;
    if ((epoll_events & EPOLLOUT) != 0) ready |= kWritable;
  }
  watch->handler(ready);
}

void Loop::run_posted() {
  std::vector<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  // Should one throw, those behind it run in the next round.
  struct Rest {
    ~Rest() {
      if (at == tasks.size()) return;
      const std::lock_guard lock(loop.mutex_);
      loop.posted_.insert(loop.posted_.begin(),
                          std::make_move_iterator(tasks.begin() + static_cast<std::ptrdiff_t>(at)),
                          std::make_move_iterator(tasks.end()));
      loop.wake();
    }
    Loop& loop;
    std::vector<Task>& tasks;
    std::size_t at = 0;
  } rest{*this, tasks};
  while (rest.at < tasks.size()) {
    Task task = std::move(tasks[rest.at++]);  // what it captured goes with it, before its neighbours run
    task();
  }
}

void Loop::run_timers() {
  if (timers_.empty()) return;
  const Millis time = now().mono;
  const TimerId first_new = next_id_;
  auto next = timers_.begin();
  while (next != timers_.end() && next->first.first <= time) {
    if (next->first.second >=
        first_new) {  // set in this round: it may repeat itself, but not starve the sockets
      ++next;
      continue;
    }
    timer_times_.erase(next->first.second);
    Task task = std::move(next->second);
    timers_.erase(next);
    task();
    next = timers_.begin();
  }
}

void Loop::run() {
  while (run_once()) {
  }
}

void Loop::stop() {
  stopped_ = true;
  wake();
}

}  // namespace pigeond::net
