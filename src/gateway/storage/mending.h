// Damage of the database is one state, wherever it shows: at the start, in a statement, in a commit, while a
// backup is made. The file is let go, nothing is stored for anybody, and /health and every session say so.
// Then, on a thread of its own, it is checked, and the last sound backup takes its place
// (store/database/recovery.h); all goes on from there, in this process. Without a sound backup it stays like
// that, with the API up: until somebody puts another file in place, or what was in the way is gone.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/storage/aside.h"
#include "gateway/storage/health.h"
#include "net/loop.h"
#include "store/database/database.h"
#include "store/database/recovery.h"

namespace pigeond::gateway {

class Mending {
 public:
  struct Hooks {
    std::function<void(const Error&)> lost;  // the file is about to be let go: nobody may use it any more
    std::function<void()> back;              // the database can be used again, with older rows maybe
    // Outside::recover, on a thread of its own.
    std::function<Result<store::Recovery>(store::DatabaseLock&, Millis wall, const std::string& suspicion)>
        recover;
  };

  Mending(net::Loop& loop, store::Database& database, StorageHealth& health, bool threads, Hooks hooks)
      : loop_(loop), database_(database), health_(health), aside_(loop, threads), hooks_(std::move(hooks)) {}

  // On the loop thread, at any time; the work begins in the next round. More of the same is not heard.
  void found(const Error& damage);
  // The database was opened without its file: nothing could be done at the start.
  void begin_without(const Error& why);
  bool under_way() const { return under_way_; }

 private:
  void let_go();
  void mend();
  void mended(const Result<store::Recovery>& recovery);
  void wait_for_change(const Error& why);
  void look();
  std::string state_of_files() const;

  net::Loop& loop_;
  store::Database& database_;
  StorageHealth& health_;
  Aside aside_;
  Hooks hooks_;
  bool under_way_ = false;
  std::string suspicion_;            // what was found
  std::string files_;                // as they were when mending them failed
  std::string seen_;                 // at the last look
  Millis tried_ = 0;                 // mono: when that was
  std::optional<Millis> mended_at_;  // mono
  Millis pause_ = 0;                 // before the next time, as the last was not long ago
};

}  // namespace pigeond::gateway
