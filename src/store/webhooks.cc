#include "store/webhooks.h"

namespace pigeond::store {

std::int64_t add_webhook_delivery(Database& database, const WebhookDelivery& delivery) {
  database
      .prepare(
          "INSERT INTO webhook_delivery (session_id, url, event_id, body, created_ms) VALUES (?, ?, ?, ?, ?)")
      .bind(delivery.session)
      .bind(delivery.url)
      .bind(delivery.event_id)
      .bind(delivery.body)
      .bind(delivery.created_ms)
      .run();
  return database.last_insert_id();
}

std::optional<WebhookDelivery> first_webhook_delivery(Database& database, std::int64_t session,
                                                      const std::string& url) {
  auto row = database.prepare(
      "SELECT seq, event_id, body, created_ms FROM webhook_delivery WHERE session_id = ? AND url = ?"
      " ORDER BY seq LIMIT 1");
  row.bind(session).bind(url);
  if (!row.step()) return std::nullopt;
  return WebhookDelivery{row.integer(0), session, url, row.text(1), row.text(2), row.integer(3)};
}

void remove_webhook_delivery(Database& database, std::int64_t seq) {
  database.prepare("DELETE FROM webhook_delivery WHERE seq = ?").bind(seq).run();
}

std::int64_t drop_oldest_webhook_delivery(Database& database, std::int64_t session, const std::string& url,
                                          std::int64_t keep) {
  return database
      .prepare(
          "DELETE FROM webhook_delivery WHERE seq = (SELECT min(seq) FROM webhook_delivery"
          " WHERE session_id = ? AND url = ? AND seq <> ?)")
      .bind(session)
      .bind(url)
      .bind(keep)
      .run();
}

std::int64_t clear_webhook_queue(Database& database, std::int64_t session, const std::string& url) {
  return database.prepare("DELETE FROM webhook_delivery WHERE session_id = ? AND url = ?")
      .bind(session)
      .bind(url)
      .run();
}

std::vector<WebhookQueueSize> webhook_queues(Database& database) {
  std::vector<WebhookQueueSize> out;
  auto row =
      database.prepare("SELECT session_id, url, count(*) FROM webhook_delivery GROUP BY session_id, url");
  while (row.step()) out.push_back({row.integer(0), row.text(1), row.integer(2)});
  return out;
}

}  // namespace pigeond::store
