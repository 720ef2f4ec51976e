// What callers see of deliveries to webhooks, and what they ask for when some shall be repeated.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/time.h"
#include "gateway/events/topic.h"
#include "store/webhooks/log.h"

namespace pigeond::gateway {

using DeliveryState = store::WebhookState;  // pending, delivered, dead

struct DeliveryInfo {
  std::int64_t id = 0;
  std::int64_t replay_of = 0;  // the delivery that this one repeats; 0: none
  std::string url;             // without a password
  std::optional<Topic> topic;  // that its event is told under
  std::string told_as;         // instead, of an event of an older version: how its dialect called that
  std::string event_id;
  DeliveryState state = DeliveryState::pending;
  Millis created_ms = 0;   // wall, of the event
  int tries = 0;           // of a pending one: since the start
  std::string why;         // the last answer or error; "" before the first
  Millis ended_ms = 0;     // wall; 0: pending
  Millis next_try_ms = 0;  // wall; 0: not waiting for one
  std::string body;        // only where one delivery was asked for
};

struct DeliveryFilter {
  std::optional<DeliveryState> state;  // none: any
  std::string url;                     // empty: any
  std::int64_t after = 0;              // ids above this one
  std::size_t limit = 0;
};

// Ended deliveries that shall be sent again. Bounds are inclusive; times are those of the events.
struct ReplayRange {
  DeliveryState state = DeliveryState::dead;  // or delivered: then repetitions are not repeated
  std::string url;                            // empty: any
  std::string to_url;                         // of a webhook that is configured; empty: each to its own
  std::int64_t from_id = 0, to_id = std::numeric_limits<std::int64_t>::max();
  Millis from_ms = 0, to_ms = std::numeric_limits<Millis>::max();
};

// How one URL of a session keeps up.
struct WebhookHealth {
  std::string url;          // without a password
  bool configured = false;  // false: only its deliveries are still here
  std::int64_t pending = 0, dead = 0;
  Millis oldest_ms = 0;    // wall, of the oldest event that waits; 0: none does
  Millis next_try_ms = 0;  // wall, of what failed; 0: nothing waits for that
  std::string why;         // the last failure; "": what was tried last was taken
};

struct WebhookTotals {
  std::int64_t pending = 0, dead = 0;
  Millis oldest_ms = 0;  // wall; 0: nothing waits
};

struct Replayed {
  std::int64_t count = 0;
  std::int64_t next = 0;  // from_id of the call that goes on; 0: the range is done
};

}  // namespace pigeond::gateway
