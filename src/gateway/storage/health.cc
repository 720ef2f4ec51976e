#include "gateway/storage/health.h"

#include <utility>

namespace pigeond::gateway {

void StorageHealth::failed(const Error& error, Millis wall) {
  const std::lock_guard lock(mutex_);
  failing_ = true;
  state_.failure = error;
  if (state_.failing_since == 0) state_.failing_since = wall;
}

void StorageHealth::damaged(const Error& error, Millis wall) {
  failed(error, wall);
  const std::lock_guard lock(mutex_);
  state_.damaged = true;
}

void StorageHealth::works() {
  const std::lock_guard lock(mutex_);
  failing_ = state_.damaged = false;
  state_.failure.reset();
  state_.failing_since = 0;
}

void StorageHealth::started(store::Recovery recovery, Millis backup_ms) {
  const std::lock_guard lock(mutex_);
  state_.recovery = std::move(recovery);
  state_.backup_ms = backup_ms;
}

void StorageHealth::backed_up(Millis wall) {
  const std::lock_guard lock(mutex_);
  state_.backup_ms = wall;
  state_.backup_error.clear();
}

void StorageHealth::backup_failed(const std::string& why) {
  const std::lock_guard lock(mutex_);
  state_.backup_error = why;
}

StorageState StorageHealth::state() const {
  const std::lock_guard lock(mutex_);
  StorageState out = state_;
  out.commits = commits_.load(std::memory_order_relaxed);
  return out;
}

}  // namespace pigeond::gateway
