#include "store/messages/placeholders.h"

#include <algorithm>

#include "store/jid_column.h"

#define SELECT_ROWS                                                                                      \
  "SELECT id, stanza_id, chat, sender, from_me, timestamp, push_name, state, asks, request, added FROM " \
  "placeholder"

namespace pigeond::store {
namespace {

using State = PlaceholderRow::State;

PlaceholderRow read(const Statement& row) {
  PlaceholderRow out;
  out.id = row.integer(0);
  out.stanza_id = row.text(1);
  out.chat = jid_column(row, 2);
  out.sender = jid_column(row, 3);
  out.from_me = row.integer(4) != 0;
  out.timestamp = row.integer(5);
  out.push_name = row.text(6);
  out.state = static_cast<State>(std::clamp<std::int64_t>(row.integer(7), 0, 3));
  out.asks = static_cast<int>(row.integer(8));
  out.request = row.text(9);
  out.added = row.integer(10);
  return out;
}

}  // namespace

std::int64_t Placeholders::insert(const PlaceholderRow& row) {
  const std::string chat = row.chat.text(), sender = row.sender.text();
  database_
      .prepare(
          "INSERT INTO placeholder (session_id, stanza_id, chat, sender, from_me, timestamp, push_name, "
          "state,"
          " asks, request, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(row.stanza_id)
      .bind(chat)
      .bind(sender)
      .bind(std::int64_t{row.from_me})
      .bind(row.timestamp)
      .bind(row.push_name)
      .bind(static_cast<std::int64_t>(row.state))
      .bind(std::int64_t{row.asks})
      .bind(row.request)
      .bind(row.added)
      .run();
  return database_.last_insert_id();
}

bool Placeholders::any() {
  return database_.prepare("SELECT 1 FROM placeholder WHERE session_id = ? LIMIT 1").bind(session_).step();
}

bool Placeholders::wrote(const wire::Jid& chat) {
  const std::string text = chat.text();
  auto row = database_.prepare(
      "SELECT 1 FROM placeholder WHERE session_id = ? AND chat = ? AND from_me = 0 LIMIT 1");
  return row.bind(session_).bind(text).step();
}

std::optional<PlaceholderRow> Placeholders::find(std::int64_t id) {
  auto row = database_.prepare(SELECT_ROWS " WHERE session_id = ? AND id = ?");
  if (!row.bind(session_).bind(id).step()) return std::nullopt;
  return read(row);
}

std::vector<PlaceholderRow> Placeholders::of(const std::string& stanza_id) {
  std::vector<PlaceholderRow> rows;
  auto row = database_.prepare(SELECT_ROWS " WHERE session_id = ? AND stanza_id = ?");
  row.bind(session_).bind(stanza_id);
  while (row.step()) rows.push_back(read(row));
  return rows;
}

std::optional<PlaceholderRow> Placeholders::asked_with(const std::string& request) {
  auto row = database_.prepare(SELECT_ROWS " WHERE session_id = ? AND request = ? AND state IN (?, ?)");
  row.bind(session_).bind(request);
  row.bind(static_cast<std::int64_t>(State::sent)).bind(static_cast<std::int64_t>(State::asked));
  if (!row.step()) return std::nullopt;
  return read(row);
}

std::vector<std::int64_t> Placeholders::wanted() {
  std::vector<std::int64_t> ids;
  auto row = database_.prepare("SELECT id FROM placeholder WHERE session_id = ? AND state = ? ORDER BY id");
  row.bind(session_).bind(static_cast<std::int64_t>(State::wanted));
  while (row.step()) ids.push_back(row.integer(0));
  return ids;
}

void Placeholders::set_state(std::int64_t id, State state, int asks, const std::string& request) {
  database_.prepare("UPDATE placeholder SET state = ?, asks = ?, request = ? WHERE session_id = ? AND id = ?")
      .bind(static_cast<std::int64_t>(state))
      .bind(std::int64_t{asks})
      .bind(request)
      .bind(session_)
      .bind(id)
      .run();
}

void Placeholders::want_again() {
  database_.prepare("UPDATE placeholder SET state = ? WHERE session_id = ? AND state = ?")
      .bind(static_cast<std::int64_t>(State::wanted))
      .bind(session_)
      .bind(static_cast<std::int64_t>(State::sent))
      .run();
}

void Placeholders::remove(std::int64_t id) {
  database_.prepare("DELETE FROM placeholder WHERE session_id = ? AND id = ?").bind(session_).bind(id).run();
}

void Placeholders::remove_before(std::int64_t unix_seconds) {
  database_
      .prepare(
          "DELETE FROM placeholder WHERE session_id = ? AND added < ?"
          " AND (from_me = 1 OR chat LIKE '%@g.us' OR chat LIKE '%@broadcast')")
      .bind(session_)
      .bind(unix_seconds)
      .run();
}

std::int64_t Placeholders::keep_newest(std::size_t rows) {
  std::int64_t newest = 0;
  {
    auto beyond = database_.prepare(
        "SELECT id FROM placeholder WHERE session_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?");
    if (beyond.bind(session_).bind(static_cast<std::int64_t>(rows)).step()) newest = beyond.integer(0);
  }
  if (newest == 0) return 0;
  database_.prepare("DELETE FROM placeholder WHERE session_id = ? AND id <= ?")
      .bind(session_)
      .bind(newest)
      .run();
  return newest;
}

}  // namespace pigeond::store
