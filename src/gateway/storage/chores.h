// Long work in small steps: the end of old messages, webhook deliveries, events and idempotency keys, and of
// accounts that were erased.
//
// Under load the steps go with what comes in: for each N rows that are changed at least N + k may go, in the
// same commits, wherever something is beyond its bound, so that no rate of arrival outruns them. They gather
// until they are worth a step: rows that go together share pages. Otherwise a timer does what is left, in
// steps that are kept to some ms. Where there is nothing to do nothing is written, and once an hour looked.
#pragma once

#include <cstdint>

#include "gateway/storage/retention.h"
#include "gateway/webhooks/webhooks.h"
#include "net/loop.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Chores {
 public:
  struct Options {
    Millis keep = 0;                 // ms that messages and ended deliveries are kept; 0: for ever
    std::int64_t keep_messages = 0;  // of all sessions together, the newest; 0: any number
    Millis keep_events = 0;          // ms that the journal keeps what no delivery needs; 0: for ever
    std::int64_t most_events = 0;    // the newest of these; 0: any number
  };
  static constexpr std::int64_t kTogether =
      64;                                     // rows of a step under load: so far beyond its bound a table is
  static constexpr std::int64_t kMost = 512;  // rows of any step

  Chores(net::Loop& loop, store::Database& database, Webhooks& webhooks, RetentionClock& clock,
         Options options)
      : loop_(loop), database_(database), webhooks_(webhooks), clock_(clock), options_(options) {}
  ~Chores() { loop_.cancel(timer_); }
  Chores(const Chores&) = delete;
  Chores& operator=(const Chores&) = delete;

  void start();
  // The tick is about to commit: does in it what its changes are worth.
  void collect();
  void committed();
  void rolled_back();
  // The database is another one.
  void start_over();
  // About so many rows of what is to go; how many went. Inside a unit of work.
  std::int64_t step(std::int64_t rows);

 private:
  // One kind of work: 0 when there is nothing to do.
  std::int64_t messages(std::int64_t rows);
  std::int64_t deliveries(std::int64_t rows);
  std::int64_t keys(std::int64_t rows);
  std::int64_t events(std::int64_t rows);

  Millis before(Millis keep) const;  // wall: what is older goes; 0: nothing does for its age
  void begin_pass();
  bool passes() const { return messages_pass_ || deliveries_pass_ || keys_pass_ || events_pass_; }
  void plan(Millis delay);
  void turn();

  net::Loop& loop_;
  store::Database& database_;
  Webhooks& webhooks_;
  RetentionClock& clock_;
  Options options_;

  net::Loop::TimerId timer_ = 0;
  Millis due_ = 0;            // mono; of the timer
  std::int64_t worth_ = 0;    // rows that the changes since the last step are worth
  std::int64_t counted_ = 0;  // of the open unit of work's changes; what steps do is worth nothing
  std::int64_t rows_ = 128;   // of a step by the timer
  bool erasing_ = false;      // when the last step looked
  Millis stepped_at_ = 0;     // mono; 0: no step in this tick

  // A pass goes through a table from its oldest row on, until nothing is old.
  bool messages_pass_ = false, deliveries_pass_ = false, keys_pass_ = false, events_pass_ = false;
  std::int64_t message_seq_ = 0;  // up to which all beyond the number were looked at
  std::int64_t event_seq_ = 0;    // likewise, of the journal
  std::int64_t message_pass_ = 0, key_pass_ = 0, event_pass_ = 0;  // where a pass has come to
  std::int64_t ended_ = 0;                                         // Webhooks::ended when their log was clean
};

}  // namespace pigeond::gateway
