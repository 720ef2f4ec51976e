#include "store/messages/removal.h"

namespace pigeond::store {
namespace {

// As many as `most`, if there are more.
std::int64_t count_hanging(Database& database, std::int64_t seq, std::int64_t most) {
  auto row = database.prepare(
      "SELECT (SELECT count(*) FROM (SELECT 1 FROM receipt WHERE message = ?1 LIMIT ?2))"
      " + (SELECT count(*) FROM (SELECT 1 FROM resent WHERE message = ?1 LIMIT ?2))"
      " + (SELECT count(*) FROM receipt_total WHERE message = ?1)");
  return row.bind(seq).bind(most).step() ? row.integer(0) : 0;
}

}  // namespace

// A few go with the message itself, by the trigger `message_gone`: most messages have a row or none.
Removal remove_message(Database& database, std::int64_t seq, bool from_me, std::int64_t limit) {
  const std::int64_t hanging = from_me ? count_hanging(database, seq, limit) : 0;
  Removal out;
  if (hanging < limit) {
    database.prepare("DELETE FROM message WHERE seq = ?").bind(seq).run();
    return {hanging + 1, true};
  }
  for (const char* sql : {"DELETE FROM receipt WHERE message = ?1 AND user IN"
                          " (SELECT user FROM receipt WHERE message = ?1 LIMIT ?2)",
                          "DELETE FROM resent WHERE message = ?1 AND device IN"
                          " (SELECT device FROM resent WHERE message = ?1 LIMIT ?2)",
                          "DELETE FROM receipt_total WHERE message = ?1 AND ?2 > 0"})
    if (out.rows < limit) out.rows += database.prepare(sql).bind(seq).bind(limit - out.rows).run();
  return out;
}

}  // namespace pigeond::store
