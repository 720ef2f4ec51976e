// The end of old messages, step by step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::store {

struct MessageBounds {
  std::int64_t before = 0;  // Unix seconds: older ones go; 0: none for their age
  std::int64_t keep = 0;    // the newest of all sessions together that stay; 0: any number
};

struct Pruned {
  std::int64_t rows = 0;  // that went
  // Where the next step begins; 0: this pass is over. Below 0: where the first did, which is not done.
  std::int64_t next = 0;
};

// Looks at `limit` messages from `after` (a seq; 0: the oldest) on, and removes those beyond the bounds with
// what is known of their recipients: `limit` rows at the most, so that a step costs the same whether a
// thousand messages went to one person each or one to a thousand. What waits in the outbox stays. A pass ends
// where none is beyond them.
Pruned prune_messages(Database& database, const MessageBounds& bounds, std::int64_t after, std::size_t limit);

// The newest message beyond the number that is kept; 0: there is none. All before it are as well.
std::int64_t last_beyond(Database& database, std::int64_t keep);
std::int64_t oldest_message(Database& database);  // 0: there is none

// Unix ms: what the newest message says that has its time from the service; 0: there is none.
Millis newest_service_time(Database& database);

}  // namespace pigeond::store
