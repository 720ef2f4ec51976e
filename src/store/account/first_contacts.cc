#include "store/account/first_contacts.h"

namespace pigeond::store {

bool FirstContacts::has(const wire::Jid& user) {
  const auto text = user.text();
  auto query = database_.prepare("SELECT 1 FROM first_contact WHERE session_id = ? AND user = ?");
  return query.bind(session_).bind(text).step();
}

void FirstContacts::insert(const wire::Jid& user, Millis at, Millis clock) {
  const auto text = user.text();
  database_
      .prepare(
          "INSERT INTO first_contact (session_id, user, at_ms, clock_ms) VALUES (?, ?, ?, ?)"
          " ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, clock_ms = excluded.clock_ms")
      .bind(session_)
      .bind(text)
      .bind(at)
      .bind(clock)
      .run();
}

Millis FirstContacts::clock() {
  auto query = database_.prepare("SELECT coalesce(max(clock_ms), 0) FROM first_contact WHERE session_id = ?");
  return query.bind(session_).step() ? query.integer(0) : 0;
}

std::vector<Millis> FirstContacts::since(Millis from) {
  auto query =
      database_.prepare("SELECT at_ms FROM first_contact WHERE session_id = ? AND at_ms > ? ORDER BY at_ms");
  query.bind(session_).bind(from);
  std::vector<Millis> times;
  while (query.step()) times.push_back(query.integer(0));
  return times;
}

void FirstContacts::bring_back(Millis at, Millis clock) {
  database_
      .prepare(
          "UPDATE first_contact SET at_ms = min(at_ms, ?), clock_ms = min(clock_ms, ?) WHERE session_id = ?"
          " AND clock_ms > ?")
      .bind(at)
      .bind(clock)
      .bind(session_)
      .bind(clock)
      .run();
}

void FirstContacts::forget_before(Millis at) {
  database_.prepare("DELETE FROM first_contact WHERE session_id = ? AND at_ms < ?")
      .bind(session_)
      .bind(at)
      .run();
}

}  // namespace pigeond::store
