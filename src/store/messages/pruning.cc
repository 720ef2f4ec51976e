#include "store/messages/pruning.h"

#include <algorithm>
#include <string>
#include <vector>

namespace pigeond::store {
namespace {

struct Candidate {
  std::int64_t seq = 0, session = 0;
  std::string id;
  bool goes = false;  // it is beyond the bounds, and nobody needs it
};

std::int64_t newest(Database& database) {
  auto row = database.prepare("SELECT max(seq) FROM message");
  return row.step() ? row.integer(0) : 0;
}

}  // namespace

Pruned prune_messages(Database& database, const MessageBounds& bounds, std::int64_t after,
                      std::size_t limit) {
  if (bounds.before <= 0 && bounds.keep <= 0) return {};
  // Numbers of rows that went long ago count as well: fewer may stay than are allowed, never more.
  const std::int64_t last_over = last_beyond(database, bounds.keep);
  std::vector<Candidate> seen;
  bool any_over = false;
  {
    auto row = database.prepare(
        // Only what is not acknowledged can be in the outbox, where it is looked for from the newest on.
        "SELECT seq, session_id, id, timestamp < ?2 OR seq <= ?3, from_me = 1 AND ack < 1 AND EXISTS"
        " (SELECT 1 FROM outbox o WHERE o.session_id = m.session_id AND o.id = m.id)"
        " FROM message m WHERE seq > ?1 ORDER BY seq LIMIT ?4");
    row.bind(after).bind(bounds.before).bind(last_over).bind(static_cast<std::int64_t>(limit));
    while (row.step()) {
      const bool over = row.integer(3) != 0;
      any_over = any_over || over;
      seen.push_back({row.integer(0), row.integer(1), row.text(2), over && row.integer(4) == 0});
    }
  }
  Pruned out;
  for (const auto& candidate : seen) {
    if (!candidate.goes) continue;
    database.prepare("DELETE FROM message WHERE seq = ?").bind(candidate.seq).run();
    database.prepare("DELETE FROM message_recipient WHERE session_id = ? AND id = ?")
        .bind(candidate.session)
        .bind(candidate.id)
        .run();
    ++out.rows;
  }
  if (any_over && seen.size() == limit) out.next = seen.back().seq;
  return out;
}

std::int64_t last_beyond(Database& database, std::int64_t keep) {
  return keep > 0 ? std::max<std::int64_t>(newest(database) - keep, 0) : 0;
}

std::int64_t oldest_message(Database& database) {
  auto row = database.prepare("SELECT min(seq) FROM message");
  return row.step() ? row.integer(0) : 0;
}

Millis newest_service_time(Database& database) {
  auto row = database.prepare(
      "SELECT timestamp FROM message WHERE from_me = 0 OR ack > 0 ORDER BY seq DESC LIMIT 1");
  return row.step() ? row.integer(0) * kSecond : 0;
}

}  // namespace pigeond::store
