// What is known of the disk and the database on it: told by the loop thread, asked by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database/recovery.h"

namespace pigeond::gateway {

struct StorageState {
  std::optional<Error> failure;  // why the last commit failed; none: it did not
  Millis failing_since = 0;      // wall; 0: it works
  bool damaged = false;          // what fails is not the disk but the database on it
  store::Recovery recovery;      // at this start, or when it was damaged since
  Millis backup_ms = 0;          // wall, of the last backup; 0: none
  std::string backup_error;      // why the last attempt failed; "": it did not
  std::int64_t commits = 0;      // since the process started: each one a sync of the disk
};

class StorageHealth {
 public:
  // --- loop thread ---
  bool failing() const { return failing_; }                 // damaged as well
  const Error& failure() const { return *state_.failure; }  // while failing
  void failed(const Error& error, Millis wall);
  void damaged(const Error& error, Millis wall);  // until works(): no commit that succeeds ends it
  void works();
  void started(store::Recovery recovery, Millis backup_ms);
  void backed_up(Millis wall);
  void backup_failed(const std::string& why);
  void committed(std::int64_t commits) { commits_.store(commits, std::memory_order_relaxed); }

  // --- any thread ---
  StorageState state() const;

 private:
  bool failing_ = false;
  std::atomic<std::int64_t> commits_ = 0;  // counted in every tick: not worth a lock
  mutable std::mutex mutex_;
  StorageState state_;
};

}  // namespace pigeond::gateway
