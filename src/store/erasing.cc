#include "store/erasing.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "store/events.h"
#include "store/messages/removal.h"
#include "store/webhooks/webhooks.h"

namespace pigeond::store {
namespace {

constexpr int kLooks = 16;  // at the journal, in one step

struct Erased {
  std::int64_t session = 0;
  bool whole = false;
  std::int64_t message_seq = 0;
  std::int64_t event_seq = 0;  // where the walk over the journal has come to
};

std::optional<Erased> first(Database& database) {
  auto row = database.prepare(
      "SELECT session_id, whole, message_seq, event_seq FROM erasing ORDER BY session_id LIMIT 1");
  if (!row.step()) return std::nullopt;
  return Erased{row.integer(0), row.integer(1) != 0, row.integer(2), row.integer(3)};
}

std::int64_t erase_messages(Database& database, const Erased& erased, std::int64_t limit) {
  std::vector<std::pair<std::int64_t, bool>> messages;
  {
    auto row = database.prepare(
        "SELECT seq, from_me FROM message INDEXED BY message_by_chat WHERE session_id = ? AND seq <= ? LIMIT "
        "?");
    row.bind(erased.session).bind(erased.message_seq).bind(limit);
    while (row.step()) messages.emplace_back(row.integer(0), row.integer(1) != 0);
  }
  std::int64_t gone = 0;
  for (const auto& [seq, from_me] : messages)
    if (gone < limit) gone += remove_message(database, seq, from_me, limit - gone).rows;
  return gone;
}

// What its histories told. Nobody looks at it meanwhile, nor puts anything there: store/account/history.h.
std::int64_t erase_told(Database& database, const Erased& erased, std::int64_t limit) {
  std::int64_t gone = 0;
  for (const char* sql : {"DELETE FROM message_secret WHERE session_id = ?1 AND (chat, id, sender) IN"
                          " (SELECT chat, id, sender FROM message_secret WHERE session_id = ?1 LIMIT ?2)",
                          "DELETE FROM push_name WHERE session_id = ?1 AND user IN"
                          " (SELECT user FROM push_name WHERE session_id = ?1 LIMIT ?2)"})
    if (gone < limit) gone += database.prepare(sql).bind(erased.session).bind(limit - gone).run();
  return gone;
}

// Groups of the account that went; those of the next one have names.
std::int64_t erase_groups(Database& database, const Erased& erased, std::int64_t limit) {
  std::int64_t gone = 0;
  while (gone < limit) {
    std::int64_t group = 0;
    {
      auto row = database.prepare(
          "SELECT id FROM group_chat WHERE session_id = ? AND jid >= '/' AND jid < '0' LIMIT 1");
      if (!row.bind(erased.session).step()) break;
      group = row.integer(0);
    }
    gone += database
                .prepare(
                    "DELETE FROM group_member WHERE group_id = ?1 AND user IN"
                    " (SELECT user FROM group_member WHERE group_id = ?1 LIMIT ?2)")
                .bind(group)
                .bind(limit - gone)
                .run();
    if (gone < limit) gone += database.prepare("DELETE FROM group_chat WHERE id = ?").bind(group).run();
    if (database.failed()) break;
  }
  return gone;
}

std::int64_t erase_keys(Database& database, const Erased& erased, std::int64_t limit) {
  return database
      .prepare(
          "DELETE FROM idempotency_key WHERE seq IN"
          " (SELECT seq FROM idempotency_key WHERE session_id = ? LIMIT ?)")
      .bind(erased.session)
      .bind(limit)
      .run();
}

std::int64_t erase_deliveries(Database& database, const Erased& erased, std::int64_t limit) {
  std::int64_t queue = 0;
  {
    auto row = database.prepare("SELECT id FROM webhook_queue WHERE session_id = ? LIMIT 1");
    if (!row.bind(erased.session).step()) return 0;
    queue = row.integer(0);
  }
  std::int64_t gone = 0;
  for (const char* sql : {"DELETE FROM webhook_pending WHERE id IN"
                          " (SELECT id FROM webhook_pending WHERE id BETWEEN ? AND ? LIMIT ?)",
                          "DELETE FROM webhook_outcome WHERE id IN"
                          " (SELECT id FROM webhook_outcome WHERE id BETWEEN ? AND ? LIMIT ?)"}) {
    if (gone >= limit) break;
    gone += database.prepare(sql)
                .bind(webhook_id(queue, 0))
                .bind(webhook_id(queue + 1, 0) - 1)
                .bind(limit - gone)
                .run();
  }
  if (gone > 0) return gone;
  return database.prepare("DELETE FROM webhook_queue WHERE id = ?").bind(queue).run();
}

// The journal is walked through once, in looks at some of its rows: it has no index of sessions, which each
// event would have to pay for. Looks that find nothing count as a row, so that the walk goes on in the next
// step.
std::int64_t erase_journal(Database& database, const Erased& erased, std::int64_t limit) {
  std::int64_t at = erased.event_seq;
  for (int look = 0; look < kLooks; ++look) {
    const Pruned done = erase_events(database, erased.session, at, limit);
    if (done.next == 0 && done.rows == 0) return 0;
    at = std::max(done.next, at);
    if (done.rows == 0 && look + 1 < kLooks) continue;
    database.prepare("UPDATE erasing SET event_seq = ? WHERE session_id = ?")
        .bind(at)
        .bind(erased.session)
        .run();
    return std::max<std::int64_t>(done.rows, 1);
  }
  return 0;
}

std::int64_t erase_contacts(Database& database, const Erased& erased, std::int64_t limit) {
  return database
      .prepare(
          "DELETE FROM first_contact WHERE session_id = ?1 AND user IN"
          " (SELECT user FROM first_contact WHERE session_id = ?1 LIMIT ?2)")
      .bind(erased.session)
      .bind(limit)
      .run();
}

// Nothing hangs on it any more: what the session's own row takes with it is little.
std::int64_t end(Database& database, const Erased& erased) {
  return database
      .prepare(erased.whole ? "DELETE FROM session WHERE id = ?" : "DELETE FROM erasing WHERE session_id = ?")
      .bind(erased.session)
      .run();
}

}  // namespace

void pace_checkpoints(Database& database, bool erasing) {
  database.prepare(erasing ? "PRAGMA wal_autocheckpoint=250" : "PRAGMA wal_autocheckpoint=1000").step();
}

bool is_erasing(Database& database) {
  return database.prepare("SELECT 1 FROM erasing LIMIT 1").step();
}

std::int64_t erase_step(Database& database, std::int64_t limit) {
  const auto erased = first(database);
  if (!erased || limit <= 0) return 0;
  std::int64_t gone = erase_told(database, *erased, limit);
  if (gone < limit) gone += erase_groups(database, *erased, limit - gone);
  if (gone < limit) gone += erase_messages(database, *erased, limit - gone);
  if (erased->whole && gone < limit) gone += erase_keys(database, *erased, limit - gone);
  if (erased->whole && gone == 0) gone += erase_deliveries(database, *erased, limit);
  if (erased->whole && gone == 0) gone += erase_journal(database, *erased, limit);
  if (erased->whole && gone == 0) gone += erase_contacts(database, *erased, limit);
  return gone > 0 || database.failed() ? gone : end(database, *erased);
}

}  // namespace pigeond::store
