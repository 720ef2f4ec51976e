#include "store/account/signal_rows.h"

#include "store/columns.h"

namespace pigeond::store {
namespace {

std::optional<Bytes> first_blob(Statement& row) {
  if (!row.step()) return std::nullopt;
  return row.blob(0);
}

PreKeyRow read_pre_key(Database& database, const Statement& row) {
  PreKeyRow out;
  out.id = static_cast<std::uint32_t>(row.integer(0));
  out.key.priv = fixed<32>(database, row, 1);
  out.key.pub = fixed<32>(database, row, 2);
  out.uploaded = row.integer(3) != 0;
  return out;
}

}  // namespace

std::optional<Bytes> SignalRows::session(std::string_view name, std::uint32_t device) {
  auto row =
      database_.prepare("SELECT record FROM signal_session WHERE session_id = ? AND name = ? AND device = ?");
  row.bind(session_).bind(name).bind(device);
  return first_blob(row);
}

bool SignalRows::has_session(std::string_view name, std::uint32_t device) {
  auto row =
      database_.prepare("SELECT 1 FROM signal_session WHERE session_id = ? AND name = ? AND device = ?");
  return row.bind(session_).bind(name).bind(device).step();
}

void SignalRows::save_session(std::string_view name, std::uint32_t device, ByteView record) {
  database_
      .prepare(
          "INSERT INTO signal_session (session_id, name, device, record) VALUES (?, ?, ?, ?)"
          " ON CONFLICT DO UPDATE SET record = excluded.record")
      .bind(session_)
      .bind(name)
      .bind(device)
      .bind(record)
      .run();
}

void SignalRows::delete_session(std::string_view name, std::uint32_t device) {
  database_.prepare("DELETE FROM signal_session WHERE session_id = ? AND name = ? AND device = ?")
      .bind(session_)
      .bind(name)
      .bind(device)
      .run();
}

std::vector<std::uint32_t> SignalRows::session_devices(std::string_view name) {
  std::vector<std::uint32_t> devices;
  auto row = database_.prepare(
      "SELECT device FROM signal_session WHERE session_id = ? AND name = ? ORDER BY device");
  row.bind(session_).bind(name);
  while (row.step()) devices.push_back(static_cast<std::uint32_t>(row.integer(0)));
  return devices;
}

std::optional<Bytes> SignalRows::identity(std::string_view name, std::uint32_t device) {
  auto row =
      database_.prepare("SELECT key FROM signal_identity WHERE session_id = ? AND name = ? AND device = ?");
  row.bind(session_).bind(name).bind(device);
  return first_blob(row);
}

void SignalRows::save_identity(std::string_view name, std::uint32_t device, ByteView key) {
  database_
      .prepare("INSERT OR REPLACE INTO signal_identity (session_id, name, device, key) VALUES (?, ?, ?, ?)")
      .bind(session_)
      .bind(name)
      .bind(device)
      .bind(key)
      .run();
}

void SignalRows::delete_identity(std::string_view name, std::uint32_t device) {
  database_.prepare("DELETE FROM signal_identity WHERE session_id = ? AND name = ? AND device = ?")
      .bind(session_)
      .bind(name)
      .bind(device)
      .run();
}

void SignalRows::rename(std::string_view from, std::string_view to) {
  for (const char* sql : {"UPDATE OR IGNORE signal_session SET name = ? WHERE session_id = ? AND name = ?",
                          "UPDATE OR IGNORE signal_identity SET name = ? WHERE session_id = ? AND name = ?",
                          "UPDATE OR IGNORE sender_key SET name = ? WHERE session_id = ? AND name = ?"}) {
    database_.prepare(sql).bind(to).bind(session_).bind(from).run();
  }
  forget(from);
  database_.prepare("DELETE FROM sender_key WHERE session_id = ? AND name = ?")
      .bind(session_)
      .bind(from)
      .run();
}

void SignalRows::forget(std::string_view name) {
  database_.prepare("DELETE FROM signal_session WHERE session_id = ? AND name = ?")
      .bind(session_)
      .bind(name)
      .run();
  database_.prepare("DELETE FROM signal_identity WHERE session_id = ? AND name = ?")
      .bind(session_)
      .bind(name)
      .run();
}

std::optional<PreKeyRow> SignalRows::pre_key(std::uint32_t id) {
  auto row =
      database_.prepare("SELECT id, private, public, uploaded FROM pre_key WHERE session_id = ? AND id = ?");
  if (!row.bind(session_).bind(id).step()) return std::nullopt;
  return read_pre_key(database_, row);
}

void SignalRows::save_pre_key(const PreKeyRow& row) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO pre_key (session_id, id, private, public, uploaded) VALUES (?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(row.id)
      .bind(ByteView(row.key.priv))
      .bind(ByteView(row.key.pub))
      .bind(row.uploaded ? 1 : 0)
      .run();
}

void SignalRows::delete_pre_key(std::uint32_t id) {
  database_.prepare("DELETE FROM pre_key WHERE session_id = ? AND id = ?").bind(session_).bind(id).run();
}

std::vector<PreKeyRow> SignalRows::pre_keys_not_uploaded(std::size_t limit) {
  std::vector<PreKeyRow> out;
  auto row = database_.prepare(
      "SELECT id, private, public, uploaded FROM pre_key WHERE session_id = ? AND uploaded = 0 ORDER BY id "
      "LIMIT ?");
  row.bind(session_).bind(static_cast<std::int64_t>(limit));
  while (row.step()) out.push_back(read_pre_key(database_, row));
  return out;
}

std::size_t SignalRows::count_pre_keys_not_uploaded() {
  auto row = database_.prepare("SELECT count(*) FROM pre_key WHERE session_id = ? AND uploaded = 0");
  return row.bind(session_).step() ? static_cast<std::size_t>(row.integer(0)) : 0;
}

void SignalRows::mark_pre_keys_uploaded(const std::vector<std::uint32_t>& ids) {
  auto update = database_.prepare("UPDATE pre_key SET uploaded = 1 WHERE session_id = ? AND id = ?");
  for (std::uint32_t id : ids) update.again().bind(session_).bind(id).run();
}

void SignalRows::mark_all_pre_keys_not_uploaded() {
  database_.prepare("UPDATE pre_key SET uploaded = 0 WHERE session_id = ? AND uploaded <> 0")
      .bind(session_)
      .run();
}

std::optional<SignedPreKeyRow> SignalRows::signed_pre_key(std::uint32_t id) {
  auto row = database_.prepare(
      "SELECT id, private, public, signature, created FROM signed_pre_key WHERE session_id = ? AND id = ?");
  if (!row.bind(session_).bind(id).step()) return std::nullopt;
  SignedPreKeyRow out;
  out.id = static_cast<std::uint32_t>(row.integer(0));
  out.key.priv = fixed<32>(database_, row, 1);
  out.key.pub = fixed<32>(database_, row, 2);
  out.signature = fixed<64>(database_, row, 3);
  out.created = row.integer(4);
  return out;
}

void SignalRows::save_signed_pre_key(const SignedPreKeyRow& row) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO signed_pre_key (session_id, id, private, public, signature, created)"
          " VALUES (?, ?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(row.id)
      .bind(ByteView(row.key.priv))
      .bind(ByteView(row.key.pub))
      .bind(ByteView(row.signature))
      .bind(row.created)
      .run();
}

std::optional<Bytes> SignalRows::sender_key(std::string_view chat, std::string_view name,
                                            std::uint32_t device) {
  auto row = database_.prepare(
      "SELECT record FROM sender_key WHERE session_id = ? AND chat = ? AND name = ? AND device = ?");
  row.bind(session_).bind(chat).bind(name).bind(device);
  return first_blob(row);
}

void SignalRows::save_sender_key(std::string_view chat, std::string_view name, std::uint32_t device,
                                 ByteView record) {
  database_
      .prepare(
          "INSERT INTO sender_key (session_id, chat, name, device, record) VALUES (?, ?, ?, ?, ?)"
          " ON CONFLICT DO UPDATE SET record = excluded.record")
      .bind(session_)
      .bind(chat)
      .bind(name)
      .bind(device)
      .bind(record)
      .run();
}

void SignalRows::delete_sender_key(std::string_view chat, std::string_view name, std::uint32_t device) {
  database_.prepare("DELETE FROM sender_key WHERE session_id = ? AND chat = ? AND name = ? AND device = ?")
      .bind(session_)
      .bind(chat)
      .bind(name)
      .bind(device)
      .run();
}

}  // namespace pigeond::store
