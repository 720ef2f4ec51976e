// The journal is written here, in the tick that explains what happened, and in the part of it that the
// session's work is: a part that is rolled back takes its events with it. Everything runs on the loop thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "gateway/events/event.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Journal {
 public:
  Journal(store::Database& database, Random& random, std::string version)
      : database_(database), random_(random), version_(std::move(version)) {}

  void resume();  // what an earlier process left; also when the database is another one

  // `event.seq` and its mark are given to it. `holders`: deliveries that the caller adds for it.
  void write(std::int64_t session, JournalEvent& event, std::int64_t holders);
  void part_ended(bool stands);
  void committed() { committed_ = part_ = last_; }
  void rolled_back() { last_ = part_ = committed_; }

  std::int64_t committed_last() const { return committed_; }

 private:
  store::Database& database_;
  Random& random_;
  const std::string version_;
  std::int64_t last_ = 0;       // number of the newest event
  std::int64_t part_ = 0;       // as of the end of the last part
  std::int64_t committed_ = 0;  // as of the last commit
};

}  // namespace pigeond::gateway
