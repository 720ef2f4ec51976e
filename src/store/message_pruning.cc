#include "store/message_pruning.h"

#include <string>
#include <vector>

namespace pigeond::store {
namespace {

struct Candidate {
  std::int64_t seq = 0, session = 0;
  std::string id;
  bool goes = false;
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
  const std::int64_t last_over = bounds.keep > 0 ? newest(database) - bounds.keep : 0;
  std::vector<Candidate> seen;
  {
    auto row = database.prepare(
        "SELECT seq, session_id, id, (timestamp < ?2 OR seq <= ?3) AND NOT EXISTS"
        " (SELECT 1 FROM outbox o WHERE o.session_id = m.session_id AND o.id = m.id)"
        " FROM message m WHERE seq > ?1 ORDER BY seq LIMIT ?4");
    row.bind(after).bind(bounds.before).bind(last_over).bind(static_cast<std::int64_t>(limit));
    while (row.step()) seen.push_back({row.integer(0), row.integer(1), row.text(2), row.integer(3) != 0});
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
  if (out.rows > 0 && seen.size() == limit) out.next = seen.back().seq;
  return out;
}

}  // namespace pigeond::store
