// Events on their way to webhooks: rows that refer to the journal (store/events.h), so that they survive what
// the process does not. One queue a session and URL, and in it lines that keep their order. A delivery is
// pending until it has an outcome; then it is the log, until it is pruned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::store {

struct WebhookDelivery {
  std::int64_t id = 0;      // see webhook_id
  std::int64_t origin = 0;  // the delivery that this one repeats; 0: none
  std::int64_t event = 0;   // its number in the journal, which keeps it as long as this delivery is there
  int name = 0;             // which of the topics of the event's kind
};

// In the order of ids, nothing overtakes what is in the same line.
inline constexpr std::int64_t kAlone = -1;  // all before it go first, all after it later

struct WebhookPlace {
  std::int64_t id = 0;
  std::int64_t line = 0;
};

struct WebhookOutcome {
  std::int64_t id = 0;
  bool dead = false;  // false: the receiver has taken it
  int tries = 0;
  std::string why;  // "status 500", "queue full", ...; for people
  Millis ended_ms = 0;
};

// A delivery's place: its queue, and a number that grows in the order of queueing, from 1.
constexpr std::int64_t webhook_id(std::int64_t queue, std::int64_t number) {
  return (queue << 32) + number;
}
constexpr std::int64_t webhook_queue_of(std::int64_t id) {
  return id >> 32;
}

struct WebhookQueueRow {
  std::int64_t queue = 0;
  std::int64_t session = 0;
  std::string url;
};

// Where a queue stands. Its pending rows are not next to each other: lines go side by side, and a full queue
// ends the oldest of those that are not being sent.
struct WebhookQueueState {
  std::int64_t last = 0;   // id of the newest row, ended or not; webhook_id(queue, 0) for an empty queue
  std::int64_t first = 0;  // id of the oldest pending row; 0: none
  std::int64_t pending = 0;
};

std::vector<WebhookQueueRow> webhook_queues(Database& database);  // in the order of their ids
std::vector<WebhookQueueRow> webhook_queues(Database& database, std::int64_t session);
std::int64_t add_webhook_queue(Database& database, std::int64_t session, const std::string& url);
void remove_webhook_queue(Database& database, std::int64_t queue);              // with all of its rows
WebhookQueueState webhook_queue_state(Database& database, std::int64_t queue);  // counts: for the start
bool has_webhook_deliveries(Database& database, std::int64_t queue);
std::int64_t webhook_dead_letters(Database& database, std::int64_t queue);  // counts
std::int64_t webhook_dead_letters(Database& database);                      // of all queues
Millis webhook_waits_since(Database& database,
                           std::int64_t queue);  // wall, of the oldest pending event; 0: none

// Its event counts it already; see add_event.
void add_webhook_delivery(Database& database, const WebhookDelivery& delivery, std::int64_t line);
std::optional<WebhookDelivery> webhook_delivery(Database& database, std::int64_t id);  // pending or ended
std::int64_t webhook_payload_size(Database& database, std::int64_t id);  // bytes, of a pending one's event
std::optional<WebhookOutcome> webhook_outcome(Database& database, std::int64_t id);
// Pending rows, oldest first, with ids above `after` and up to `until`; at most `limit`.
std::vector<WebhookPlace> pending_webhooks(Database& database, std::int64_t after, std::int64_t until,
                                           std::size_t limit);
// The oldest pending row of that line with an id above `after` and up to `until`.
std::optional<std::int64_t> next_in_webhook_line(Database& database, std::int64_t line, std::int64_t after,
                                                 std::int64_t until);

// Nothing happens if the delivery is gone, or has its outcome already.
void add_webhook_outcome(Database& database, const WebhookOutcome& outcome);
// Ends all pending rows of the queue; `outcome.id` is ignored. How many.
std::int64_t end_webhook_queue(Database& database, std::int64_t queue, const WebhookOutcome& outcome);
// Gives an ended delivery the id `to` at the end of its queue or of another, pending again. The row itself
// moves; with `copy` it stays in the log as well.
void replay_webhook_delivery(Database& database, std::int64_t id, std::int64_t to, bool copy);

}  // namespace pigeond::store
