// What the loop thread shows of its sessions: each as it was with the last commit that touched it. Whoever
// looks takes a snapshot that nobody changes any more, and waits for nothing but another's look at the board:
// but for a process that has just begun, whose sessions are not all here yet.
//
// The loop thread puts a session here after the commit and before the answers of that tick go out: who has an
// answer sees here what it says.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "gateway/types.h"

namespace pigeond::gateway {

// What the messages of one outbox wait for, as far as the rows don't say it: by the seq of their rows.
using Standings = std::map<std::int64_t, engine::Standing>;

struct ShownSession {
  std::int64_t row = 0;  // its id in the database
  SessionInfo info;      // without its health
  // Without its steps and its webhooks, which are rows; and without retry_after, which passes with time.
  SessionHealth health;
  Millis back_off_until = 0;  // mono; 0: sends are not held back
  // Of its healing steps: which of those that have no outcome may still get one. Rows above newest_step have
  // come later; 0: there are no rows.
  std::vector<std::int64_t> open_steps;
  std::int64_t newest_step = 0;
  std::shared_ptr<const Standings> outbox;  // nullptr: nothing is known beyond the rows
};

class SessionBoard {
 public:
  using Shown = std::shared_ptr<const ShownSession>;

  // On the loop thread.
  void put(Shown session);
  void erase(const std::string& name);
  void complete();             // all that there are have been put
  void cut(const Error& why);  // what is not here by now does not come, or not before complete()

  // From any thread but the loop's. A session that is not here is waited for until all of them are, or until
  // it is known why it does not come: shutting_down, storage.
  Result<Shown> find(const std::string& name) const;  // nullptr: there is none
  Result<std::vector<Shown>> all() const;             // by name
  // From any thread, without waiting. nullptr: there is none, or it is not here yet.
  Shown here(const std::string& name) const;

 private:
  enum class Extent { some, all, cut };
  Status wait(std::unique_lock<std::mutex>& lock, const std::string* name) const;

  mutable std::mutex mutex_;  // held for pointers alone
  mutable std::condition_variable more_;
  Extent extent_ = Extent::some;
  Error why_;  // of `cut`
  std::map<std::string, Shown> sessions_;
};

}  // namespace pigeond::gateway
