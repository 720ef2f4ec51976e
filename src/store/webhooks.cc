#include "store/webhooks.h"

namespace pigeond::store {
namespace {

constexpr std::int64_t kNumbers = std::int64_t{1} << 32;  // ids of a queue

std::int64_t end_of(std::int64_t id) {
  return webhook_id(webhook_queue_of(id), kNumbers - 1);
}

std::vector<WebhookQueueRow> read_queues(Statement rows) {
  std::vector<WebhookQueueRow> out;
  while (rows.step()) out.push_back({rows.integer(0), rows.integer(1), rows.text(2)});
  return out;
}

std::optional<WebhookDelivery> read_delivery(Statement& row) {
  if (!row.step()) return std::nullopt;
  return WebhookDelivery{row.integer(0), row.integer(1), row.text(2),
                         row.text(3),    row.text(4),    row.integer(5)};
}

}  // namespace

std::vector<WebhookQueueRow> webhook_queues(Database& database) {
  return read_queues(database.prepare("SELECT id, session_id, url FROM webhook_queue ORDER BY id"));
}

std::vector<WebhookQueueRow> webhook_queues(Database& database, std::int64_t session) {
  auto rows =
      database.prepare("SELECT id, session_id, url FROM webhook_queue WHERE session_id = ? ORDER BY id");
  rows.bind(session);
  return read_queues(std::move(rows));
}

std::int64_t add_webhook_queue(Database& database, std::int64_t session, const std::string& url) {
  database.prepare("INSERT INTO webhook_queue (session_id, url) VALUES (?, ?)").bind(session).bind(url).run();
  return database.last_insert_id();
}

void remove_webhook_queue(Database& database, std::int64_t queue) {
  database.prepare("DELETE FROM webhook_queue WHERE id = ?").bind(queue).run();
}

WebhookQueueState webhook_queue_state(Database& database, std::int64_t queue) {
  WebhookQueueState state;
  const std::int64_t from = webhook_id(queue, 0);
  {
    auto row = database.prepare("SELECT max(id) FROM webhook_delivery WHERE id BETWEEN ? AND ?");
    row.bind(from).bind(end_of(from));
    state.last = row.step() && !row.is_null(0) ? row.integer(0) : from;
  }
  auto row = database.prepare(
      "SELECT min(id), count(*) FROM webhook_delivery d WHERE id BETWEEN ? AND ?"
      " AND NOT EXISTS (SELECT 1 FROM webhook_outcome o WHERE o.id = d.id)");
  row.bind(from).bind(state.last);
  if (row.step()) {
    state.first = row.integer(0);
    state.pending = row.integer(1);
  }
  return state;
}

void add_webhook_delivery(Database& database, const WebhookDelivery& delivery) {
  database
      .prepare(
          "INSERT INTO webhook_delivery (id, origin, event, event_id, body, created_ms)"
          " VALUES (?, ?, ?, ?, ?, ?)")
      .bind(delivery.id)
      .bind(delivery.origin)
      .bind(delivery.event)
      .bind(delivery.event_id)
      .bind(delivery.body)
      .bind(delivery.created_ms)
      .run();
}

std::optional<WebhookDelivery> webhook_delivery(Database& database, std::int64_t id) {
  auto row = database.prepare(
      "SELECT id, origin, event, event_id, body, created_ms FROM webhook_delivery WHERE id = ?");
  row.bind(id);
  return read_delivery(row);
}

std::optional<WebhookOutcome> webhook_outcome(Database& database, std::int64_t id) {
  auto row = database.prepare("SELECT dead, tries, why, ended_ms FROM webhook_outcome WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return WebhookOutcome{id, row.integer(0) != 0, static_cast<int>(row.integer(1)), row.text(2),
                        row.integer(3)};
}

std::optional<WebhookDelivery> next_webhook_delivery(Database& database, std::int64_t after) {
  auto row = database.prepare(
      "SELECT id, origin, event, event_id, body, created_ms FROM webhook_delivery d WHERE id > ? AND id <= ?"
      " AND NOT EXISTS (SELECT 1 FROM webhook_outcome o WHERE o.id = d.id) ORDER BY id LIMIT 1");
  row.bind(after).bind(end_of(after));
  return read_delivery(row);
}

std::optional<std::int64_t> next_webhook_id(Database& database, std::int64_t after) {
  auto row = database.prepare(
      "SELECT id FROM webhook_delivery d WHERE id > ? AND id <= ?"
      " AND NOT EXISTS (SELECT 1 FROM webhook_outcome o WHERE o.id = d.id) ORDER BY id LIMIT 1");
  if (!row.bind(after).bind(end_of(after)).step()) return std::nullopt;
  return row.integer(0);
}

void add_webhook_outcome(Database& database, const WebhookOutcome& outcome) {
  database
      .prepare(
          "INSERT OR IGNORE INTO webhook_outcome (id, dead, tries, why, ended_ms)"
          " SELECT id, ?, ?, ?, ? FROM webhook_delivery WHERE id = ?")
      .bind(outcome.dead ? 1 : 0)
      .bind(outcome.tries)
      .bind(outcome.why)
      .bind(outcome.ended_ms)
      .bind(outcome.id)
      .run();
}

std::int64_t end_webhook_queue(Database& database, std::int64_t queue, const WebhookOutcome& outcome) {
  return database
      .prepare(
          "INSERT OR IGNORE INTO webhook_outcome (id, dead, tries, why, ended_ms)"
          " SELECT id, ?, ?, ?, ? FROM webhook_delivery WHERE id BETWEEN ? AND ?")
      .bind(outcome.dead ? 1 : 0)
      .bind(outcome.tries)
      .bind(outcome.why)
      .bind(outcome.ended_ms)
      .bind(webhook_id(queue, 0))
      .bind(end_of(webhook_id(queue, 0)))
      .run();
}

void replay_webhook_delivery(Database& database, std::int64_t id, std::int64_t to, bool copy) {
  if (copy) {
    database
        .prepare(
            "INSERT INTO webhook_delivery (id, origin, event, event_id, body, created_ms)"
            " SELECT ?, iif(origin = 0, id, origin), event, event_id, body, created_ms"
            " FROM webhook_delivery WHERE id = ?")
        .bind(to)
        .bind(id)
        .run();
    return;
  }
  database.prepare("DELETE FROM webhook_outcome WHERE id = ?").bind(id).run();
  database.prepare("UPDATE webhook_delivery SET id = ?, origin = iif(origin = 0, id, origin) WHERE id = ?")
      .bind(to)
      .bind(id)
      .run();
}

}  // namespace pigeond::store
