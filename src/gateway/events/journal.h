// The journal is written here, in the tick that explains what happened, and in the part of it that the
// session's work is: a part that is rolled back takes its events with it. Everything runs on the loop thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "gateway/events/event.h"
#include "gateway/events/feed.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Journal {
 public:
  // `keep` (ms): how long streams may stay away and miss nothing.
  Journal(store::Database& database, Random& random, const EventFeed& feed, std::string version, Millis keep)
      : database_(database), random_(random), feed_(feed), version_(std::move(version)), keep_(keep) {}

  void resume();  // what an earlier process left; also when the database is another one

  // A stream is about to begin: what happens from now on is kept for it.
  void stream_begins(Millis wall);
  // Whether some stream may want what happens now: one is open, or was not long ago. Else only what webhooks
  // need is written, and the journal costs nothing that nobody reads.
  bool has_streams(Millis wall) const;
  // `event.seq` and its mark are given to it. `holders`: deliveries that the caller adds for it.
  void write(std::int64_t session, JournalEvent& event, std::int64_t holders);
  void skip();  // what happens is not written

  void part_ended(bool stands);
  void committed() { committed_ = part_ = now_; }
  void rolled_back() { now_ = part_ = committed_; }
  std::int64_t committed_last() const { return committed_.last; }

 private:
  store::Database& database_;
  Random& random_;
  const EventFeed& feed_;
  const std::string version_;
  const Millis keep_;
  struct State {
    std::int64_t last = 0;  // number of the newest event
    // Wall; when a stream was last known to be open. 0: since the last one something was not written.
    Millis streamed = 0;
  };
  State now_, part_, committed_;  // part: as of the end of the last one
};

}  // namespace pigeond::gateway
