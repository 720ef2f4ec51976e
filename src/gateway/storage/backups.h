// Backups of the database: every `interval` if anything was written, soon after an account was linked or
// unlinked, as those can't come back from an older one, and at a clean stop. The copying is done on a thread
// of its own; see store/database/backup.h.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "gateway/storage/aside.h"
#include "gateway/storage/health.h"
#include "net/loop.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Backups {
 public:
  // `interval` in ms; 0: none are made. `path` is the database's. `damage` hears when one could not be made
  // because the database is damaged.
  Backups(net::Loop& loop, store::Database& database, StorageHealth& health, std::string path,
          Millis interval, bool threads, std::function<void(const Error&)> damage);
  ~Backups();

  void start();  // begins to look, now and then, whether one is due
  void look();   // now: makes one if it is due
  // The loop has ended and all is committed: makes one more on this thread, if the last is not fresh, and the
  // database not so large that a stop would take long.
  void finish();
  bool under_way() const { return aside_.busy(); }
  void call_off();  // the one that is under way, if there is one; it is made at a later look

 private:
  void plan();
  bool due(Millis age) const;
  std::string access();
  void made(const Status& done);

  net::Loop& loop_;
  store::Database& database_;
  StorageHealth& health_;
  const std::string path_;
  const Millis interval_;
  std::function<void(const Error&)> damage_;
  std::atomic<bool> cancelled_{false};
  Aside aside_;
  // At the last backup, or at the start:
  std::int64_t commits_ = 0;
  std::string access_;
  bool complete_ = true;  // that backup has the accounts and keys of `access_`
};

}  // namespace pigeond::gateway
