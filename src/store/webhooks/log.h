// What became of deliveries to webhooks: lists for people, and the end of what is old.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "store/webhooks/webhooks.h"

namespace pigeond::store {

enum class WebhookState { pending, delivered, dead };

struct WebhookLogEntry {
  WebhookDelivery delivery;
  Millis created_ms = 0;                  // wall, of the event; 0: it is gone
  std::optional<WebhookOutcome> outcome;  // none: pending
};

struct WebhookLogFilter {
  std::optional<WebhookState> state;                                           // none: any
  std::int64_t from_id = 0, to_id = std::numeric_limits<std::int64_t>::max();  // inclusive
  Millis from_ms = 0, to_ms = std::numeric_limits<Millis>::max();              // inclusive; of the event
  bool originals_only = false;                                                 // no repetitions
  std::size_t limit = 0;
};

// Of one queue, in the order of ids.
std::vector<WebhookLogEntry> webhook_log(Database& database, std::int64_t queue,
                                         const WebhookLogFilter& filter);

struct WebhookLogBounds {
  std::int64_t delivered = 0;  // newest rows of a queue that stay with their outcome, dead letters aside
  std::int64_t dead = 0;       // newest dead letters of a queue that stay
  Millis ended_before = 0;     // rows that ended before this wall time go in any case
  bool over = false;           // nothing will be queued here any more
};
// Removes ended rows of a queue beyond the bounds, at most `limit`; how many. The newest row stays, as the
// next id is counted from it, unless the queue is over.
std::int64_t prune_webhook_log(Database& database, std::int64_t queue, const WebhookLogBounds& bounds,
                               std::size_t limit);

}  // namespace pigeond::store
