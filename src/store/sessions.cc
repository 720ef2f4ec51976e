#include "store/sessions.h"

namespace pigeond::store {
namespace {

SessionRow read(const Statement& row) {
  return {row.integer(0),      row.text(1),    row.text(2),
          row.integer(3) != 0, row.integer(4), static_cast<int>(row.integer(5))};
}

}  // namespace

std::vector<SessionRow> SessionTable::all() {
  std::vector<SessionRow> rows;
  auto query = database_.prepare(
      "SELECT id, name, config, running, created_ms, parting FROM session"
      " WHERE id NOT IN (SELECT session_id FROM erasing WHERE whole = 1) ORDER BY name");
  while (query.step()) rows.push_back(read(query));
  return rows;
}

std::vector<SessionRow> SessionTable::after(std::string_view name, std::size_t limit) {
  std::vector<SessionRow> rows;
  auto query = database_.prepare(
      "SELECT id, name, config, running, created_ms, parting FROM session"
      " WHERE name > ? AND id NOT IN (SELECT session_id FROM erasing WHERE whole = 1) ORDER BY name LIMIT ?");
  query.bind(name).bind(static_cast<std::int64_t>(limit));
  while (query.step()) rows.push_back(read(query));
  return rows;
}

std::size_t SessionTable::count() {
  auto row = database_.prepare(
      "SELECT count(*) FROM session WHERE id NOT IN (SELECT session_id FROM erasing WHERE whole = 1)");
  return row.step() ? static_cast<std::size_t>(row.integer(0)) : 0;
}

std::optional<SessionRow> SessionTable::find(std::string_view name) {
  auto query =
      database_.prepare("SELECT id, name, config, running, created_ms, parting FROM session WHERE name = ?");
  if (!query.bind(name).step()) return std::nullopt;
  return read(query);
}

std::int64_t SessionTable::create(const SessionRow& row) {
  database_.prepare("INSERT INTO session (name, config, running, created_ms) VALUES (?, ?, ?, ?)")
      .bind(row.name)
      .bind(row.config)
      .bind(row.running ? 1 : 0)
      .bind(row.created_ms)
      .run();
  return database_.last_insert_id();
}

void SessionTable::set_config(std::int64_t id, std::string_view config) {
  database_.prepare("UPDATE session SET config = ? WHERE id = ?").bind(config).bind(id).run();
}

void SessionTable::set_life(std::int64_t id, bool running, int parting) {
  database_
      .prepare(
          "UPDATE session SET running = ?1, parting = ?2 WHERE id = ?3 AND (running <> ?1 OR parting <> ?2)")
      .bind(running ? 1 : 0)
      .bind(parting)
      .bind(id)
      .run();
}

// No session can be asked for by such a name.
void SessionTable::remove(std::int64_t id) {
  erase_account(id);
  mark_erasing(id, true);
  database_.prepare("UPDATE session SET name = '/' || id, config = '{}', running = 0 WHERE id = ?")
      .bind(id)
      .run();
}

void SessionTable::unlink_account(std::int64_t id) {
  for (const char* sql : {
           "DELETE FROM credentials WHERE session_id = ?",
           "DELETE FROM signal_session WHERE session_id = ?",
           "DELETE FROM signal_identity WHERE session_id = ?",
           "DELETE FROM pre_key WHERE session_id = ?",
           "DELETE FROM signed_pre_key WHERE session_id = ?",
           "DELETE FROM sender_key WHERE session_id = ?",
           "DELETE FROM group_key WHERE session_id = ?",
           "DELETE FROM group_key_holder WHERE session_id = ?",
           "DELETE FROM lid_mapping WHERE session_id = ?",
           "DELETE FROM device_list WHERE session_id = ?",
           "DELETE FROM address_form WHERE session_id = ?",
           "DELETE FROM chat_timer WHERE session_id = ?",
           "DELETE FROM dialled WHERE session_id = ?",
           "DELETE FROM call WHERE session_id = ?",
           // With their members they are many rows, which go in steps.
           "UPDATE group_chat SET jid = '/' || id WHERE session_id = ? AND jid >= '0'",
           "UPDATE outbox SET stanza = NULL, phash = '', attempts = 0, distrust = 0, form = 0"
           " WHERE session_id = ?",
           "DELETE FROM retry WHERE session_id = ?",
           "DELETE FROM placeholder WHERE session_id = ?",
           "DELETE FROM privacy_token WHERE session_id = ?",
           "DELETE FROM nct_salt WHERE session_id = ?",
           "DELETE FROM history_notification WHERE session_id = ?",
           "DELETE FROM app_state_key WHERE session_id = ?",
           "DELETE FROM reachout_timelock WHERE session_id = ?",
           "DELETE FROM message_capping WHERE session_id = ?",
       }) {
    database_.prepare(sql).bind(id).run();
  }
  mark_erasing(id, false);
  // What waits in the outbox stays: it goes above the mark, in its order, without what is known of
  // recipients.
  for (const char* sql : {
           "INSERT INTO message (session_id, id, chat, sender, from_me, from_api, timestamp, type, content, "
           "ack, dialled)"
           " SELECT m.session_id, m.id, m.chat, m.sender, 1, m.from_api, m.timestamp, m.type, m.content, "
           "m.ack, m.dialled"
           " FROM outbox o CROSS JOIN message m ON m.session_id = o.session_id AND m.id = o.id"
           " WHERE o.session_id = ?1 AND m.from_me = 1 ORDER BY m.seq",
           "DELETE FROM message WHERE seq IN (SELECT m.seq FROM outbox o CROSS JOIN message m"
           " ON m.session_id = o.session_id AND m.id = o.id WHERE o.session_id = ?1 AND m.from_me = 1"
           " AND m.seq <= (SELECT message_seq FROM erasing WHERE session_id = ?1))",
       }) {
    database_.prepare(sql).bind(id).run();
  }
}

void SessionTable::erase_account(std::int64_t id) {
  for (const char* sql :
       {"DELETE FROM outbox WHERE session_id = ?", "DELETE FROM healing_step WHERE session_id = ?"}) {
    database_.prepare(sql).bind(id).run();
  }
  unlink_account(id);
}

// Up to what is there now. Marks only move on, and a session that goes never stays after all.
void SessionTable::mark_erasing(std::int64_t id, bool whole) {
  database_
      .prepare(
          "INSERT INTO erasing (session_id, whole, message_seq)"
          " VALUES (?, ?, (SELECT coalesce(max(seq), 0) FROM message))"
          " ON CONFLICT (session_id) DO UPDATE SET whole = max(whole, excluded.whole),"
          " message_seq = max(message_seq, excluded.message_seq)")
      .bind(id)
      .bind(whole ? 1 : 0)
      .run();
}

void SessionTable::forget_ratchets() {
  for (const char* sql : {
           "DELETE FROM signal_session",
           // Our own: what stands for them is made anew with the next message to the group.
           "DELETE FROM sender_key WHERE name = 'own'",
           "DELETE FROM group_key",
           "DELETE FROM group_key_holder",
           "DELETE FROM pre_key",
           // Within the 24 bits of an id.
           "UPDATE credentials SET pre_keys_on_server = 0, pre_keys_uploaded_ms = 0,"
           " next_pre_key_id = 1 + (next_pre_key_id - 1 + 1000000) % 16777215",
           // What had not been written then may have been since.
           "UPDATE outbox SET stanza = NULL, phash = '', attempts = 0, written = 1",
           "UPDATE resent SET base_key = NULL WHERE base_key IS NOT NULL",
           "DELETE FROM retry",
           // Stale (groups.cc): who was removed since would be handed our new key.
           "UPDATE group_chat SET flags = flags | 128",
       }) {
    database_.prepare(sql).run();
  }
}

}  // namespace pigeond::store
