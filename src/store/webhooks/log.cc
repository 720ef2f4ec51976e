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

}  // namespace

std::vector<WebhookLogEntry> webhook_log(Database& database, std::int64_t queue,
                                         const WebhookLogFilter& filter) {
  // Dead letters are few among many: they are found from their outcomes.
  constexpr std::string_view kDead =
      "SELECT d.id, d.origin, d.event, d.event_id, d.created_ms, o.dead, o.tries, o.why, o.ended_ms"
      " FROM webhook_outcome o CROSS JOIN webhook_delivery d ON d.id = o.id"
      " WHERE o.id BETWEEN ?1 AND ?2 AND o.dead = 1 AND d.created_ms BETWEEN ?3 AND ?4"
      " AND (?5 = 0 OR d.origin = 0) ORDER BY o.id LIMIT ?6";
  constexpr std::string_view kAny =
      "SELECT d.id, d.origin, d.event, d.event_id, d.created_ms, o.dead, o.tries, o.why, o.ended_ms"
      " FROM webhook_delivery d LEFT JOIN webhook_outcome o ON o.id = d.id"
      " WHERE d.id BETWEEN ?1 AND ?2 AND (?7 = 0 OR (?7 = 1 AND o.id IS NULL) OR (?7 = 2 AND o.dead = 0))"
      " AND d.created_ms BETWEEN ?3 AND ?4 AND (?5 = 0 OR d.origin = 0) ORDER BY d.id LIMIT ?6";
  const bool dead = filter.state == WebhookState::dead;
  auto row = database.prepare(dead ? kDead : kAny);
  row.bind(std::max(start_of(queue), filter.from_id)).bind(std::min(end_of(queue), filter.to_id));
  row.bind(filter.from_ms).bind(filter.to_ms).bind(filter.originals_only ? 1 : 0);
  row.bind(static_cast<std::int64_t>(filter.limit));
  if (!dead) row.bind(!filter.state ? 0 : *filter.state == WebhookState::pending ? 1 : 2);
  std::vector<WebhookLogEntry> out;
  while (row.step()) {
    WebhookLogEntry entry;
    entry.delivery = {row.integer(0), row.integer(1), row.text(2), row.text(3), {}, row.integer(4)};
    if (!row.is_null(5)) {
      entry.outcome = WebhookOutcome{row.integer(0), row.integer(5) != 0, static_cast<int>(row.integer(6)),
                                     row.text(7), row.integer(8)};
    }
    out.push_back(std::move(entry));
  }
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
        " AND id < (SELECT max(id) + ?7 FROM webhook_delivery WHERE id BETWEEN ?1 AND ?2)"
        " AND (ended_ms < ?3 OR (dead = 0 AND id <= ?4) OR (dead = 1 AND id <= ?5)) ORDER BY id LIMIT ?6");
    row.bind(start_of(queue)).bind(end_of(queue)).bind(bounds.ended_before).bind(delivered).bind(dead);
    row.bind(static_cast<std::int64_t>(limit)).bind(bounds.over ? 1 : 0);
    while (row.step()) old.push_back(row.integer(0));
  }
  for (const std::int64_t id : old) {
    database.prepare("DELETE FROM webhook_outcome WHERE id = ?").bind(id).run();
    database.prepare("DELETE FROM webhook_delivery WHERE id = ?").bind(id).run();
  }
  return static_cast<std::int64_t>(old.size());
}

}  // namespace pigeond::store
