#include "net/http/workers.h"

#include <chrono>
#include <system_error>
#include <thread>

#include "base/log.h"

namespace pigeond::net {
namespace {

constexpr auto kLinger = std::chrono::seconds(10);

}  // namespace

HttpWorkers::HttpWorkers(std::size_t threads, std::size_t queue, MakeThread make_thread)
    : threads_(threads), queue_(queue), make_thread_(make_thread ? std::move(make_thread) : [](auto body) {
        std::thread(std::move(body)).detach();
      }) {}

HttpWorkers::~HttpWorkers() {
  stop();
}

HttpWorkers::Outcome HttpWorkers::submit(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || tasks_.size() >= queue_ + idle_) return Outcome::queue_full;
  tasks_.push_back(std::move(task));
  if (idle_ >= tasks_.size()) {
    wake_.notify_one();
    return Outcome::taken;
  }
  if (running_ >= threads_) return Outcome::taken;
  ++running_;
  try {
    make_thread_([this] { work(); });
  } catch (const std::exception& error) {  // no thread, or no memory for one
    --running_;
    if (running_ > 0) return Outcome::taken;
    tasks_.pop_back();
    log::warning("http_no_thread", {{"error", error.what()}});
    return Outcome::no_thread;
  }
  return Outcome::taken;
}

void HttpWorkers::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (tasks_.empty()) {
      if (stopping_) break;
      ++idle_;
      const bool woken = wake_.wait_for(lock, kLinger, [this] { return stopping_ || !tasks_.empty(); });
      --idle_;
      if (!woken) break;
      continue;
    }
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
  --running_;
  // Notified under the lock: the pool may be destroyed as soon as stop() can return.
  ended_.notify_all();
}

void HttpWorkers::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  wake_.notify_all();
  ended_.wait(lock, [this] { return running_ == 0; });
}

}  // namespace pigeond::net
