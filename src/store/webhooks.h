// Events on their way to webhooks: rows, so that they survive what the process does not. One queue a session
// and URL, in the order of seq.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/database.h"

namespace pigeond::store {

struct WebhookDelivery {
  std::int64_t seq = 0;
  std::int64_t session = 0;
  std::string url;
  std::string event_id;
  std::string body;       // JSON, exactly as it is signed and sent
  Millis created_ms = 0;  // wall
};

struct WebhookQueueSize {
  std::int64_t session = 0;
  std::string url;
  std::int64_t count = 0;
};

// Returns the row's seq; `delivery.seq` is ignored.
std::int64_t add_webhook_delivery(Database& database, const WebhookDelivery& delivery);
std::optional<WebhookDelivery> first_webhook_delivery(Database& database, std::int64_t session,
                                                      const std::string& url);
void remove_webhook_delivery(Database& database, std::int64_t seq);
// Makes room: removes the oldest of the queue but the one with seq `keep` (it is being sent). The number
// removed.
std::int64_t drop_oldest_webhook_delivery(Database& database, std::int64_t session, const std::string& url,
                                          std::int64_t keep);
// Removes what waits for a URL that is no longer configured. The number removed.
std::int64_t clear_webhook_queue(Database& database, std::int64_t session, const std::string& url);
std::vector<WebhookQueueSize> webhook_queues(Database& database);

}  // namespace pigeond::store
