// Rows of `event`, the journal: what has happened, each event once, in order. What a payload holds is the
// gateway's matter.
//
// A number is never given twice, also when its row has gone: the next one is above both the newest row and
// JournalState::last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "store/database/database.h"
#include "store/messages/pruning.h"

namespace pigeond::store {

struct EventRow {
  std::int64_t seq = 0;
  std::int64_t session = 0;
  int kind = 0;
  Millis at_ms = 0;  // wall
  Bytes payload;
};

struct JournalState {
  std::int64_t last = 0;   // the newest number that was given
  std::int64_t floor = 0;  // up to here some rows are missing; above it, of no session that is there
  Millis streamed_ms = 0;  // wall; when a stream was last open; 0: something was not written since
};
JournalState journal_state(Database& database);
void set_streamed(Database& database, Millis wall);
// Rows up to `seq` may be missing from now on, which is not given to another either.
void raise_journal_floor(Database& database, std::int64_t seq);

// `holders`: deliveries that refer to it, which the caller adds in the same unit of work. It stays while
// there are any.
void add_event(Database& database, const EventRow& event, std::int64_t holders);
std::optional<EventRow> find_event(Database& database, std::int64_t seq);
// In their order, with numbers above `after` and up to `until`; at most `limit`.
std::vector<EventRow> events_after(Database& database, std::int64_t after, std::int64_t until,
                                   std::size_t limit);

struct EventBounds {
  Millis before = 0;      // wall: older ones go; 0: none for their age
  std::int64_t keep = 0;  // the newest that stay; 0: any number
};
// Looks at `limit` events from `after` (a number; 0: the oldest) on, and removes those beyond the bounds that
// nothing holds. A pass ends where none is beyond them.
Pruned prune_events(Database& database, const EventBounds& bounds, std::int64_t after, std::size_t limit);
// The newest event beyond the number that is kept; 0: there is none. All before it are as well.
std::int64_t last_event_beyond(Database& database, std::int64_t keep);
std::int64_t oldest_event(Database& database);  // 0: there is none
// Of a session that is erased, with numbers above `after`: looks at some, and removes at most `limit`. `next`
// is 0 when none is left.
Pruned erase_events(Database& database, std::int64_t session, std::int64_t after, std::int64_t limit);

}  // namespace pigeond::store
