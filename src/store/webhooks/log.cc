#include "store/webhooks/log.h"

#include <algorithm>

namespace pigeond::store {
namespace {

std::int64_t start_of(std::int64_t queue) {
  return webhook_id(queue, 0);
}
std::int64_t end_of(std::int64_t queue) {
  return webhook_id(queue + 1, 0) - 1;
}

// The newest `keep` outcomes of that kind have ids above this one; 0: there are no more.
std::int64_t older_than_newest(Database& database, std::int64_t queue, bool dead, std::int64_t keep) {
  auto row = database.prepare(
      "SELECT id FROM webhook_outcome WHERE id BETWEEN ? AND ? AND dead = ? ORDER BY id DESC LIMIT 1 OFFSET "
      "?");
  row.bind(start_of(queue)).bind(end_of(queue)).bind(dead ? 1 : 0).bind(keep);
  return row.step() ? row.integer(0) : 0;
}

constexpr std::string_view kPending =
    "SELECT p.id, p.origin, p.event, p.name, ifnull(e.at_ms, 0)"
    " FROM webhook_pending p LEFT JOIN event e ON e.seq = p.event"
    " WHERE p.id BETWEEN ?1 AND ?2 AND ifnull(e.at_ms, 0) BETWEEN ?3 AND ?4 AND (?5 = 0 OR p.origin = 0)"
    " ORDER BY p.id LIMIT ?6";
// Dead letters are few among many, and have an index.
constexpr std::string_view kDead =
    "SELECT o.id, o.origin, o.event, o.name, ifnull(e.at_ms, 0), o.dead, o.tries, o.why, o.ended_ms"
    " FROM webhook_outcome o LEFT JOIN event e ON e.seq = o.event"
    " WHERE o.id BETWEEN ?1 AND ?2 AND ifnull(e.at_ms, 0) BETWEEN ?3 AND ?4 AND (?5 = 0 OR o.origin = 0)"
    " AND o.dead = 1 ORDER BY o.id LIMIT ?6";
constexpr std::string_view kEnded =
    "SELECT o.id, o.origin, o.event, o.name, ifnull(e.at_ms, 0), o.dead, o.tries, o.why, o.ended_ms"
    " FROM webhook_outcome o LEFT JOIN event e ON e.seq = o.event"
    " WHERE o.id BETWEEN ?1 AND ?2 AND ifnull(e.at_ms, 0) BETWEEN ?3 AND ?4 AND (?5 = 0 OR o.origin = 0)"
    " AND (o.dead = 0 OR ?7 = 1) ORDER BY o.id LIMIT ?6";

void read_log(Statement row, bool ended, std::vector<WebhookLogEntry>& out) {
  while (row.step()) {
    WebhookLogEntry entry;
    entry.delivery = {row.integer(0), row.integer(1), row.integer(2), static_cast<int>(row.integer(3))};
    entry.created_ms = row.integer(4);
    if (ended) {
      entry.outcome = WebhookOutcome{row.integer(0), row.integer(5) != 0, static_cast<int>(row.integer(6)),
                                     row.text(7), row.integer(8)};
    }
    out.push_back(std::move(entry));
  }
}

}  // namespace

std::vector<WebhookLogEntry> webhook_log(Database& database, std::int64_t queue,
                                         const WebhookLogFilter& filter) {
  const auto ask = [&](std::string_view sql) {
    auto row = database.prepare(sql);
    row.bind(std::max(start_of(queue), filter.from_id)).bind(std::min(end_of(queue), filter.to_id));
    row.bind(filter.from_ms).bind(filter.to_ms).bind(filter.originals_only ? 1 : 0);
    row.bind(static_cast<std::int64_t>(filter.limit));
    return row;
  };
  std::vector<WebhookLogEntry> out;
  if (filter.state == WebhookState::dead) {
    read_log(ask(kDead), true, out);
  } else if (filter.state != WebhookState::pending) {
    auto row = ask(kEnded);
    row.bind(filter.state ? 0 : 1);
    read_log(std::move(row), true, out);
  }
  if (filter.state && filter.state != WebhookState::pending) return out;
  read_log(ask(kPending), false, out);
  std::sort(out.begin(), out.end(),
            [](const WebhookLogEntry& a, const WebhookLogEntry& b) { return a.delivery.id < b.delivery.id; });
  if (out.size() > filter.limit) out.resize(filter.limit);
  return out;
}

std::int64_t prune_webhook_log(Database& database, std::int64_t queue, const WebhookLogBounds& bounds,
                               std::size_t limit) {
  const std::int64_t delivered = older_than_newest(database, queue, false, bounds.delivered);
  const std::int64_t dead = older_than_newest(database, queue, true, bounds.dead);
  std::vector<std::int64_t> old;
  {
    auto row = database.prepare(
        "SELECT id FROM webhook_outcome WHERE id >= ?1"
        " AND id < ?7 + max(ifnull((SELECT max(id) FROM webhook_outcome WHERE id BETWEEN ?1 AND ?2), 0),"
        " ifnull((SELECT max(id) FROM webhook_pending WHERE id BETWEEN ?1 AND ?2), 0))"
        " AND (ended_ms < ?3 OR (dead = 0 AND id <= ?4) OR (dead = 1 AND id <= ?5)) ORDER BY id LIMIT ?6");
    row.bind(start_of(queue)).bind(end_of(queue)).bind(bounds.ended_before).bind(delivered).bind(dead);
    row.bind(static_cast<std::int64_t>(limit)).bind(bounds.over ? 1 : 0);
    while (row.step()) old.push_back(row.integer(0));
  }
  for (const std::int64_t id : old)
    database.prepare("DELETE FROM webhook_outcome WHERE id = ?").bind(id).run();
  return static_cast<std::int64_t>(old.size());
}

}  // namespace pigeond::store
