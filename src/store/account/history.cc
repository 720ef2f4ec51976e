#include "store/account/history.h"

#include <algorithm>

#define SELECT_ROWS                                                                                        \
  "SELECT id, stanza_id, kind, chunk, state, asks, payload, path, media_key, sha256, enc_sha256, handle, " \
  "added FROM history_notification"

namespace pigeond::store {
namespace {

HistoryRow read(const Statement& row) {
  HistoryRow out;
  out.id = row.integer(0);
  out.stanza_id = row.text(1);
  out.kind = static_cast<int>(row.integer(2));
  out.chunk = static_cast<int>(row.integer(3));
  out.state = static_cast<HistoryRow::State>(std::clamp<std::int64_t>(row.integer(4), 0, 2));
  out.asks = static_cast<int>(row.integer(5));
  out.payload = row.blob(6);
  out.path = row.text(7);
  out.media_key = row.blob(8);
  out.sha256 = row.blob(9);
  out.enc_sha256 = row.blob(10);
  out.handle = row.text(11);
  out.added = row.integer(12);
  return out;
}

}  // namespace

void History::insert(HistoryRow row) {
  std::vector<std::pair<std::int64_t, int>> replaced;
  {
    auto old = database_.prepare(
        "SELECT id, asks FROM history_notification WHERE session_id = ?1 AND"
        " (stanza_id = ?2 OR (state = 1 AND kind = ?3 AND chunk = ?4))");
    old.bind(session_).bind(row.stanza_id).bind(std::int64_t{row.kind}).bind(std::int64_t{row.chunk});
    while (old.step()) replaced.emplace_back(old.integer(0), static_cast<int>(old.integer(1)));
  }
  for (const auto& [id, asks] : replaced) {
    row.asks = std::max(row.asks, asks);
    remove(id);
  }
  database_
      .prepare(
          "INSERT INTO history_notification (session_id, stanza_id, kind, chunk, state, asks, payload, path,"
          " media_key, sha256, enc_sha256, handle, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(row.stanza_id)
      .bind(std::int64_t{row.kind})
      .bind(std::int64_t{row.chunk})
      .bind(static_cast<std::int64_t>(row.state))
      .bind(std::int64_t{row.asks})
      .bind(row.payload)
      .bind(row.path)
      .bind(row.media_key)
      .bind(row.sha256)
      .bind(row.enc_sha256)
      .bind(row.handle)
      .bind(row.added)
      .run();
}

std::optional<HistoryRow> History::find(std::int64_t id) {
  auto row = database_.prepare(SELECT_ROWS " WHERE session_id = ? AND id = ?");
  if (!row.bind(session_).bind(id).step()) return std::nullopt;
  return read(row);
}

std::optional<HistoryRow> History::first_after(std::int64_t id, HistoryRow::State state) {
  auto row =
      database_.prepare(SELECT_ROWS " WHERE session_id = ? AND state = ? AND id > ? ORDER BY id LIMIT 1");
  if (!row.bind(session_).bind(static_cast<std::int64_t>(state)).bind(id).step()) return std::nullopt;
  return read(row);
}

std::vector<HistoryRow> History::all(HistoryRow::State state) {
  std::vector<HistoryRow> rows;
  auto row = database_.prepare(SELECT_ROWS " WHERE session_id = ? AND state = ? ORDER BY id");
  row.bind(session_).bind(static_cast<std::int64_t>(state));
  while (row.step()) rows.push_back(read(row));
  return rows;
}

void History::set_state(std::int64_t id, HistoryRow::State state, int asks) {
  database_
      .prepare(
          "UPDATE history_notification SET state = ?, asks = ?, payload = x''"
          " WHERE session_id = ? AND id = ?")
      .bind(static_cast<std::int64_t>(state))
      .bind(std::int64_t{asks})
      .bind(session_)
      .bind(id)
      .run();
}

void History::remove(std::int64_t id) {
  database_.prepare("DELETE FROM history_notification WHERE session_id = ? AND id = ?")
      .bind(session_)
      .bind(id)
      .run();
}

std::int64_t History::remove_before(std::int64_t unix_seconds) {
  return database_
      .prepare("DELETE FROM history_notification WHERE session_id = ? AND state > 0 AND added < ?")
      .bind(session_)
      .bind(unix_seconds)
      .run();
}

std::size_t History::count() {
  auto row = database_.prepare("SELECT count(*) FROM history_notification WHERE session_id = ?");
  return row.bind(session_).step() ? static_cast<std::size_t>(row.integer(0)) : 0;
}

#define NOT_ERASED " AND NOT EXISTS (SELECT 1 FROM erasing WHERE session_id = ?1)"

bool History::being_erased() {
  return database_.prepare("SELECT 1 FROM erasing WHERE session_id = ?").bind(session_).step();
}

void History::put_name(std::string_view user_jid, std::string_view name) {
  database_
      .prepare(
          "INSERT INTO push_name (session_id, user, name) VALUES (?, ?, ?)"
          " ON CONFLICT (session_id, user) DO UPDATE SET name = excluded.name WHERE name <> excluded.name")
      .bind(session_)
      .bind(user_jid)
      .bind(name)
      .run();
}

std::string History::name(std::string_view user_jid) {
  auto row = database_.prepare("SELECT name FROM push_name WHERE session_id = ?1 AND user = ?2" NOT_ERASED);
  return row.bind(session_).bind(user_jid).step() ? row.text(0) : std::string();
}

void History::put_secret(const MessageSecretRow& secret) {
  database_
      .prepare(
          "INSERT INTO message_secret (session_id, chat, id, sender, secret, timestamp)"
          " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (session_id, chat, id, sender) DO NOTHING")
      .bind(session_)
      .bind(secret.chat)
      .bind(secret.id)
      .bind(secret.sender)
      .bind(secret.secret)
      .bind(secret.timestamp)
      .run();
}

std::optional<Bytes> History::secret(std::string_view chat, std::string_view sender, std::string_view id) {
  auto row = database_.prepare(
      "SELECT secret FROM message_secret WHERE session_id = ?1 AND chat = ?2 AND id = ?3 AND sender = "
      "?4" NOT_ERASED);
  if (!row.bind(session_).bind(chat).bind(id).bind(sender).step()) return std::nullopt;
  return row.blob(0);
}

void History::put_app_state_key(const AppStateKeyRow& key) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO app_state_key (session_id, id, key, fingerprint, timestamp)"
          " VALUES (?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(key.id)
      .bind(key.key)
      .bind(key.fingerprint)
      .bind(key.timestamp)
      .run();
}

std::vector<AppStateKeyRow> History::app_state_keys() {
  std::vector<AppStateKeyRow> rows;
  auto row =
      database_.prepare("SELECT id, key, fingerprint, timestamp FROM app_state_key WHERE session_id = ?");
  row.bind(session_);
  while (row.step()) rows.push_back({row.blob(0), row.blob(1), row.blob(2), row.integer(3)});
  return rows;
}

}  // namespace pigeond::store
