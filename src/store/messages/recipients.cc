#include "store/messages/recipients.h"

namespace pigeond::store {

bool Recipients::raise(const std::string& id, const wire::Jid& user, int level, std::int64_t unix_seconds) {
  const std::string name = user.text();
  int before = 0;
  {
    auto row = database_.prepare(
        "SELECT played > 0, read > 0, delivered > 0 FROM message_recipient"
        " WHERE session_id = ? AND id = ? AND device = ?");
    if (row.bind(session_).bind(id).bind(name).step())
      before = row.integer(0) != 0 ? 4 : row.integer(1) != 0 ? 3 : row.integer(2) != 0 ? 2 : 0;
  }
  if (level <= before) return false;
  const auto at = [&](int of) { return std::int64_t{level == of ? unix_seconds : 0}; };
  database_
      .prepare(
          "INSERT INTO message_recipient (session_id, id, device, delivered, read, played)"
          " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (session_id, id, device) DO UPDATE SET"
          " delivered = max(delivered, excluded.delivered), read = max(read, excluded.read),"
          " played = max(played, excluded.played)")
      .bind(session_)
      .bind(id)
      .bind(name)
      .bind(at(2))
      .bind(at(3))
      .bind(at(4))
      .run();
  return true;
}

std::int64_t Recipients::count(const std::string& id, int level) {
  auto row = database_.prepare(
      "SELECT count(*) FROM message_recipient WHERE session_id = ?1 AND id = ?2"
      " AND (played > 0 OR (?3 < 4 AND read > 0) OR (?3 < 3 AND delivered > 0))");
  row.bind(session_).bind(id).bind(std::int64_t{level});
  return row.step() ? row.integer(0) : 0;
}

}  // namespace pigeond::store
