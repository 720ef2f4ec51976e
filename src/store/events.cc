#include "store/events.h"

#include <algorithm>

namespace pigeond::store {
namespace {

constexpr std::int64_t kLook = 512;  // rows that are looked at for those of one session

EventRow read_event(const Statement& row) {
  return {row.integer(0), row.integer(1), static_cast<int>(row.integer(2)), row.integer(3), row.blob(4)};
}

std::int64_t newest_event(Database& database) {
  auto row = database.prepare("SELECT max(seq) FROM event");
  return row.step() ? row.integer(0) : 0;
}

// Their numbers are not given again.
void forget_numbers(Database& database, std::int64_t seq) {
  database.prepare("UPDATE journal SET last = ?1 WHERE last < ?1").bind(seq).run();
}

}  // namespace

JournalState journal_state(Database& database) {
  JournalState state;
  {
    auto row = database.prepare("SELECT last, floor, streamed_ms FROM journal LIMIT 1");
    if (row.step()) state = {row.integer(0), row.integer(1), row.integer(2)};
  }
  state.last = std::max(state.last, newest_event(database));
  return state;
}

void set_streamed(Database& database, Millis wall) {
  database.prepare("UPDATE journal SET streamed_ms = ?").bind(wall).run();
}

void raise_journal_floor(Database& database, std::int64_t seq) {
  database.prepare("UPDATE journal SET floor = max(floor, ?1), last = max(last, ?1)").bind(seq).run();
}

void add_event(Database& database, const EventRow& event, std::int64_t holders) {
  database
      .prepare("INSERT INTO event (seq, session_id, kind, at_ms, holders, payload) VALUES (?, ?, ?, ?, ?, ?)")
      .bind(event.seq)
      .bind(event.session)
      .bind(event.kind)
      .bind(event.at_ms)
      .bind(holders)
      .bind(event.payload)
      .run();
}

std::optional<EventRow> find_event(Database& database, std::int64_t seq) {
  auto row = database.prepare("SELECT seq, session_id, kind, at_ms, payload FROM event WHERE seq = ?");
  if (!row.bind(seq).step()) return std::nullopt;
  return read_event(row);
}

std::vector<EventRow> events_after(Database& database, std::int64_t after, std::int64_t until,
                                   std::size_t limit) {
  auto row = database.prepare(
      "SELECT seq, session_id, kind, at_ms, payload FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT "
      "?");
  row.bind(after).bind(until).bind(static_cast<std::int64_t>(limit));
  std::vector<EventRow> out;
  while (row.step()) out.push_back(read_event(row));
  return out;
}

Pruned prune_events(Database& database, const EventBounds& bounds, std::int64_t after, std::size_t limit) {
  if (bounds.before <= 0 && bounds.keep <= 0) return {};
  const std::int64_t last_over = last_event_beyond(database, bounds.keep);
  std::size_t seen = 0;
  std::int64_t at = after;
  bool any_over = false;
  std::vector<std::int64_t> old;
  {
    auto row = database.prepare(
        "SELECT seq, holders, at_ms < ?2 OR seq <= ?3 FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?4");
    row.bind(after).bind(bounds.before).bind(last_over).bind(static_cast<std::int64_t>(limit));
    for (; row.step(); ++seen) {
      at = row.integer(0);
      if (row.integer(2) == 0) continue;
      any_over = true;
      if (row.integer(1) <= 0) old.push_back(at);
    }
  }
  for (const std::int64_t seq : old) database.prepare("DELETE FROM event WHERE seq = ?").bind(seq).run();
  if (!old.empty()) raise_journal_floor(database, old.back());
  return {static_cast<std::int64_t>(old.size()), any_over && seen == limit ? at : 0};
}

std::int64_t last_event_beyond(Database& database, std::int64_t keep) {
  return keep > 0 ? std::max<std::int64_t>(newest_event(database) - keep, 0) : 0;
}

std::int64_t oldest_event(Database& database) {
  auto row = database.prepare("SELECT min(seq) FROM event");
  return row.step() ? row.integer(0) : 0;
}

Pruned erase_events(Database& database, std::int64_t session, std::int64_t after, std::int64_t limit) {
  Pruned out;
  std::int64_t seen = 0;
  std::vector<std::int64_t> own;
  {
    auto row = database.prepare("SELECT seq, session_id FROM event WHERE seq > ? ORDER BY seq LIMIT ?");
    row.bind(after).bind(kLook);
    for (; static_cast<std::int64_t>(own.size()) < limit && row.step(); ++seen) {
      out.next = row.integer(0);
      if (row.integer(1) == session) own.push_back(out.next);
    }
  }
  for (const std::int64_t seq : own) database.prepare("DELETE FROM event WHERE seq = ?").bind(seq).run();
  if (!own.empty()) forget_numbers(database, own.back());
  out.rows = static_cast<std::int64_t>(own.size());
  if (seen < kLook && out.rows < limit) out.next = 0;
  return out;
}

}  // namespace pigeond::store
