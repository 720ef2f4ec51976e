// What waits for one URL of one session, and what of it may leave now: several calls at once, none of which
// overtakes an earlier event of its line.
//
// The rows are in the database; here is only where the queue stands. A cursor walks over them, once: a row is
// taken into a call, or passed over because its line is in another call, to be found again by its line's
// index when that call has ended. So memory grows with the calls under way, not with what waits.
//
// Rows of the tick that is not committed yet are out of sight. Nothing here sends or keeps time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "gateway/webhooks/board.h"
#include "store/database/database.h"
#include "store/webhooks/webhooks.h"

namespace pigeond::gateway {

// One request: an event, or several in a batch. It stays what it is until all of it has an outcome, or is
// sent one by one because a receiver does not take it as a whole.
struct WebhookCall {
  std::uint64_t number = 0;
  std::vector<std::int64_t> rows;              // ids, ascending
  std::map<std::int64_t, std::int64_t> lines;  // and the last of the rows of each
  int failures = 0;
  int parted_after = 0;  // failures of the whole, before its rows went one by one, in order; 0: they don't
  std::string why;       // the last of them
  bool under_way = false;
  bool held = false;    // the receiver named the time
  Millis due = 0;       // mono; of the next try, while not under way
  Millis next_try = 0;  // the same, wall
  std::uint64_t request = 0;
  std::shared_ptr<const ShownQueue::Trouble> shown;  // as it was when it was shown last
};

class WebhookQueue {
 public:
  WebhookQueue(store::Database& database, std::int64_t row, std::int64_t session, std::string url);

  std::int64_t row() const { return row_; }
  std::int64_t session() const { return session_; }
  const std::string& url() const { return url_; }

  void load();  // where an earlier process left it

  // --- rows ---
  std::int64_t add();  // the id of a row that the caller writes in this part of the tick
  void part_ended(bool stands);
  bool full() const { return pending_ + added_ >= limit_; }
  bool over() const { return pending_ + added_ > limit_; }
  std::int64_t pending() const { return pending_; }  // committed, and without an outcome
  // The oldest that is in no call; it ends without one, once its outcome is saved.
  std::optional<std::int64_t> give_up_oldest();
  void saved(std::int64_t id) { ended_.erase(id); }  // its outcome is in the database
  std::int64_t unsaved() const { return static_cast<std::int64_t>(ended_.size()); }  // outcomes that are not
  // All rows end in this tick, those in calls too: they are void from the commit on.
  void clear();
  bool clearing() const { return clearing_; }
  void committed();
  void rolled_back();

  // --- calls ---
  // A new call of up to `most` rows; nullptr: nothing may leave (more) now. `alone`: one call at a time.
  WebhookCall* take(std::size_t most, bool alone);
  WebhookCall* find(std::uint64_t number);
  WebhookCall* call_of(std::int64_t id);  // the one that has that row
  void end_first(WebhookCall& call);      // the first of its several rows has its outcome
  void end(WebhookCall& call);  // its rows have their outcomes, though not saved yet; `call` is gone
  std::map<std::uint64_t, WebhookCall>& calls() { return calls_; }
  std::size_t under_way() const;

 private:
  struct LineState {
    std::uint64_t call = 0;
    bool behind = false;  // the cursor has passed over rows of it, perhaps
  };

  std::optional<store::WebhookPlace> next_at_cursor();
  bool in_call_or_ended(std::int64_t id) { return ended_.contains(id) || call_of(id) != nullptr; }
  std::optional<std::int64_t> next_behind(std::int64_t line, std::int64_t after);

  store::Database& database_;
  std::int64_t row_, session_;
  std::string url_;
  std::int64_t limit_;

  std::int64_t last_ = 0;       // id of the newest row
  std::int64_t committed_ = 0;  // of the newest that is committed
  std::int64_t cursor_ = 0;
  std::int64_t pending_ = 0;
  std::int64_t added_ = 0;         // in this tick
  std::int64_t part_added_ = 0;    // of these, in the part that has not ended
  std::int64_t given_up_ = 0;      // rows up to this one are in calls, or ended
  bool clearing_ = false;          // in this tick
  bool unsure_ = false;            // a read failed: rows may have been passed over for good
  std::int64_t walked_again_ = 0;  // up to this id the cursor meets rows that are in calls

  std::deque<store::WebhookPlace> page_;  // read ahead of the cursor
  std::map<std::uint64_t, WebhookCall> calls_;
  std::map<std::int64_t, LineState> lines_;      // of calls
  std::map<std::int64_t, std::int64_t> behind_;  // rows before the cursor whose turn has come: id, line
  std::set<std::int64_t> ended_;                 // outcomes that are not saved yet
  std::uint64_t next_call_ = 1;
};

}  // namespace pigeond::gateway
