#include "store/messages/pruning.h"

#include <algorithm>
#include <vector>

#include "store/messages/removal.h"

namespace pigeond::store {
namespace {

struct Candidate {
  std::int64_t seq = 0;
  bool from_me = false;
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
        "SELECT seq, from_me, timestamp < ?2 OR seq <= ?3, from_me = 1 AND ack < 1 AND EXISTS"
        " (SELECT 1 FROM outbox o WHERE o.session_id = m.session_id AND o.id = m.id)"
        " FROM message m WHERE seq > ?1 ORDER BY seq LIMIT ?4");
    row.bind(after).bind(bounds.before).bind(last_over).bind(static_cast<std::int64_t>(limit));
    while (row.step()) {
      const bool over = row.integer(2) != 0;
      any_over = any_over || over;
      seen.push_back({row.integer(0), row.integer(1) != 0, over && row.integer(3) == 0});
    }
  }
  Pruned out;
  for (const auto& candidate : seen) {
    if (!candidate.goes) continue;
    const std::int64_t rest = static_cast<std::int64_t>(limit) - out.rows;
    const Removal done =
        rest > 0 ? remove_message(database, candidate.seq, candidate.from_me, rest) : Removal{};
    out.rows += done.rows;
    if (!done.whole) {
      out.next = candidate.seq > 1 ? candidate.seq - 1 : -1;
      return out;
    }
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
