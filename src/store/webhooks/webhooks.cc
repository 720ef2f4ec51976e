#include "store/webhooks/webhooks.h"

#include "store/database/trouble.h"
#include "store/indexed.h"

namespace pigeond::store {
namespace {

constexpr std::int64_t kNumbers = std::int64_t{1} << 32;  // ids of a queue

std::int64_t end_of(std::int64_t id) {
  return webhook_id(webhook_queue_of(id), kNumbers - 1);
}

// The whole URL lies where no check sees damage: its digest does.
std::vector<WebhookQueueRow> read_queues(Database& database, Statement rows) {
  std::vector<WebhookQueueRow> out;
  while (rows.step()) {
    const bool whole = rows.is_null(3);
    out.push_back({rows.integer(0), rows.integer(1), rows.text(whole ? 2 : 3)});
    if (!whole && indexed(out.back().url) != rows.text(2)) {
      database.fail_unit(damage_error("the URL of a webhook is not what it was"));
      return {};
    }
  }
  return out;
}

std::optional<WebhookDelivery> read_delivery(Statement& row) {
  if (!row.step()) return std::nullopt;
  return WebhookDelivery{row.integer(0), row.integer(1), row.integer(2), static_cast<int>(row.integer(3))};
}

}  // namespace

std::vector<WebhookQueueRow> webhook_queues(Database& database) {
  return read_queues(
      database,
      database.prepare("SELECT id, session_id, url, whole_url FROM webhook_queue WHERE session_id NOT IN"
                       " (SELECT session_id FROM erasing WHERE whole = 1) ORDER BY id"));
}

std::vector<WebhookQueueRow> webhook_queues(Database& database, std::int64_t session) {
  auto rows = database.prepare(
      "SELECT id, session_id, url, whole_url FROM webhook_queue WHERE session_id = ? ORDER BY id");
  rows.bind(session);
  return read_queues(database, std::move(rows));
}

std::int64_t add_webhook_queue(Database& database, std::int64_t session, const std::string& url) {
  const std::string text = indexed(url);
  auto row = database.prepare("INSERT INTO webhook_queue (session_id, url, whole_url) VALUES (?, ?, ?)");
  row.bind(session).bind(text);
  if (text == url)
    row.bind_null();
  else
    row.bind(url);
  row.run();
  return database.last_insert_id();
}

void remove_webhook_queue(Database& database, std::int64_t queue) {
  database.prepare("DELETE FROM webhook_queue WHERE id = ?").bind(queue).run();
}

WebhookQueueState webhook_queue_state(Database& database, std::int64_t queue) {
  WebhookQueueState state;
  const std::int64_t from = webhook_id(queue, 0);
  {
    auto row = database.prepare(
        "SELECT max(ifnull((SELECT max(id) FROM webhook_pending WHERE id BETWEEN ?1 AND ?2), ?1),"
        " ifnull((SELECT max(id) FROM webhook_outcome WHERE id BETWEEN ?1 AND ?2), ?1),"
        " ifnull((SELECT last FROM webhook_queue WHERE id = ?3), ?1))");
    row.bind(from).bind(end_of(from)).bind(queue);
    state.last = row.step() ? row.integer(0) : from;
  }
  auto row = database.prepare("SELECT min(id), count(*) FROM webhook_pending WHERE id BETWEEN ? AND ?");
  row.bind(from).bind(state.last);
  if (row.step()) {
    state.first = row.integer(0);
    state.pending = row.integer(1);
  }
  return state;
}

bool has_webhook_deliveries(Database& database, std::int64_t queue) {
  auto row = database.prepare(
      "SELECT EXISTS (SELECT 1 FROM webhook_pending WHERE id BETWEEN ?1 AND ?2)"
      " OR EXISTS (SELECT 1 FROM webhook_outcome WHERE id BETWEEN ?1 AND ?2)");
  row.bind(webhook_id(queue, 0)).bind(end_of(webhook_id(queue, 0)));
  return !row.step() || row.integer(0) != 0;
}

std::int64_t webhook_dead_letters(Database& database, std::int64_t queue) {
  auto row = database.prepare("SELECT count(*) FROM webhook_outcome WHERE dead = 1 AND id BETWEEN ? AND ?");
  row.bind(webhook_id(queue, 0)).bind(end_of(webhook_id(queue, 0)));
  return row.step() ? row.integer(0) : 0;
}

std::int64_t webhook_dead_letters(Database& database) {
  auto row = database.prepare(
      "SELECT count(*) FROM webhook_outcome WHERE dead = 1 AND (id >> 32) NOT IN"
      " (SELECT id FROM webhook_queue WHERE session_id IN (SELECT session_id FROM erasing WHERE whole = 1))");
  return row.step() ? row.integer(0) : 0;
}

Millis webhook_waits_since(Database& database, std::int64_t queue) {
  auto row = database.prepare(
      "SELECT at_ms FROM event WHERE seq ="
      " (SELECT event FROM webhook_pending WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1)");
  row.bind(webhook_id(queue, 0)).bind(end_of(webhook_id(queue, 0)));
  return row.step() ? row.integer(0) : 0;
}

void add_webhook_delivery(Database& database, const WebhookDelivery& delivery, std::int64_t line) {
  database.prepare("INSERT INTO webhook_pending (id, line, origin, event, name) VALUES (?, ?, ?, ?, ?)")
      .bind(delivery.id)
      .bind(line)
      .bind(delivery.origin)
      .bind(delivery.event)
      .bind(delivery.name)
      .run();
}

std::optional<WebhookDelivery> webhook_delivery(Database& database, std::int64_t id) {
  {
    auto row = database.prepare("SELECT id, origin, event, name FROM webhook_pending WHERE id = ?");
    if (auto pending = read_delivery(row.bind(id))) return pending;
  }
  auto row = database.prepare("SELECT id, origin, event, name FROM webhook_outcome WHERE id = ?");
  return read_delivery(row.bind(id));
}

std::int64_t webhook_payload_size(Database& database, std::int64_t id) {
  auto row = database.prepare(
      "SELECT length(payload) FROM event WHERE seq = (SELECT event FROM webhook_pending WHERE id = ?)");
  return row.bind(id).step() ? row.integer(0) : 0;
}

std::optional<WebhookOutcome> webhook_outcome(Database& database, std::int64_t id) {
  auto row = database.prepare("SELECT dead, tries, why, ended_ms FROM webhook_outcome WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return WebhookOutcome{id, row.integer(0) != 0, static_cast<int>(row.integer(1)), row.text(2),
                        row.integer(3)};
}

std::vector<WebhookPlace> pending_webhooks(Database& database, std::int64_t after, std::int64_t until,
                                           std::size_t limit) {
  auto row =
      database.prepare("SELECT id, line FROM webhook_pending WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
  row.bind(after).bind(until).bind(static_cast<std::int64_t>(limit));
  std::vector<WebhookPlace> out;
  while (row.step()) out.push_back({row.integer(0), row.integer(1)});
  return out;
}

std::optional<std::int64_t> next_in_webhook_line(Database& database, std::int64_t line, std::int64_t after,
                                                 std::int64_t until) {
  auto row = database.prepare(
      "SELECT id FROM webhook_pending WHERE line = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1");
  if (!row.bind(line).bind(after).bind(until).step()) return std::nullopt;
  return row.integer(0);
}

void add_webhook_outcome(Database& database, const WebhookOutcome& outcome) {
  const auto ended = database
                         .prepare(
                             "INSERT OR IGNORE INTO webhook_outcome"
                             " (id, dead, tries, why, ended_ms, line, origin, event, name)"
                             " SELECT id, ?, ?, ?, ?, line, origin, event, name"
                             " FROM webhook_pending WHERE id = ?")
                         .bind(outcome.dead ? 1 : 0)
                         .bind(outcome.tries)
                         .bind(outcome.why)
                         .bind(outcome.ended_ms)
                         .bind(outcome.id)
                         .run();
  if (ended > 0) database.prepare("DELETE FROM webhook_pending WHERE id = ?").bind(outcome.id).run();
}

std::int64_t end_webhook_queue(Database& database, std::int64_t queue, const WebhookOutcome& outcome) {
  const std::int64_t from = webhook_id(queue, 0), to = end_of(from);
  database
      .prepare(
          "INSERT OR IGNORE INTO webhook_outcome"
          " (id, dead, tries, why, ended_ms, line, origin, event, name)"
          " SELECT id, ?, ?, ?, ?, line, origin, event, name FROM webhook_pending WHERE id BETWEEN ? AND ?")
      .bind(outcome.dead ? 1 : 0)
      .bind(outcome.tries)
      .bind(outcome.why)
      .bind(outcome.ended_ms)
      .bind(from)
      .bind(to)
      .run();
  return database.prepare("DELETE FROM webhook_pending WHERE id BETWEEN ? AND ?").bind(from).bind(to).run();
}

void replay_webhook_delivery(Database& database, std::int64_t id, std::int64_t to, bool copy) {
  database
      .prepare(
          "UPDATE event SET holders = holders + 1 WHERE seq = (SELECT event FROM webhook_outcome WHERE id = "
          "?)")
      .bind(id)
      .run();
  database
      .prepare(
          "INSERT INTO webhook_pending (id, line, origin, event, name)"
          " SELECT ?, line, iif(origin = 0, id, origin), event, name FROM webhook_outcome WHERE id = ?")
      .bind(to)
      .bind(id)
      .run();
  if (copy) return;
  database.prepare("DELETE FROM webhook_outcome WHERE id = ?").bind(id).run();
  database.prepare("UPDATE webhook_queue SET last = ?1 WHERE id = ?2 AND last < ?1")
      .bind(id)
      .bind(webhook_queue_of(id))
      .run();
}

}  // namespace pigeond::store
