#include "store/api_keys.h"

#include <utility>

#include "base/text.h"
#include "store/columns.h"

namespace pigeond::store {
namespace {

ApiKeyRow read(Database& database, const Statement& row) {
  ApiKeyRow out;
  out.id = row.text(0);
  out.hash = fixed<32>(database, row, 1);
  out.name = row.text(2);
  out.scopes = row.text(3);
  out.sessions = row.text(4);
  out.active = row.integer(5) != 0;
  out.created_ms = row.integer(6);
  out.expires_ms = row.integer(7);
  out.used_ms = row.integer(8);
  out.rate_requests = row.integer(9);
  out.rate_seconds = row.integer(10);
  return out;
}

}  // namespace

std::string without_word(std::string_view words, std::string_view word) {
  std::string out;
  for (const auto one : split(words, ' ')) {
    if (one.empty() || one == word) continue;
    if (!out.empty()) out += ' ';
    out += one;
  }
  return out;
}

std::vector<ApiKeyRow> ApiKeys::all() {
  std::vector<ApiKeyRow> rows;
  auto query = database_.prepare(
      "SELECT id, hash, name, scopes, sessions, active, created_ms, expires_ms, used_ms, rate_requests,"
      " rate_seconds FROM api_key ORDER BY id");
  while (query.step()) rows.push_back(read(database_, query));
  return rows;
}

std::optional<ApiKeyRow> ApiKeys::find(std::string_view id) {
  auto query = database_.prepare(
      "SELECT id, hash, name, scopes, sessions, active, created_ms, expires_ms, used_ms, rate_requests,"
      " rate_seconds FROM api_key WHERE id = ?");
  if (!query.bind(id).step()) return std::nullopt;
  return read(database_, query);
}

std::int64_t ApiKeys::count() {
  auto query = database_.prepare("SELECT count(*) FROM api_key");
  return query.step() ? query.integer(0) : 0;
}

void ApiKeys::put(const ApiKeyRow& row) {
  database_
      .prepare(
          "INSERT INTO api_key (id, hash, name, scopes, sessions, active, created_ms, expires_ms, used_ms,"
          " rate_requests, rate_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, name = excluded.name, scopes = "
          "excluded.scopes,"
          " sessions = excluded.sessions, active = excluded.active, created_ms = excluded.created_ms,"
          " expires_ms = excluded.expires_ms, used_ms = excluded.used_ms,"
          " rate_requests = excluded.rate_requests, rate_seconds = excluded.rate_seconds")
      .bind(row.id)
      .bind(ByteView(row.hash))
      .bind(row.name)
      .bind(row.scopes)
      .bind(row.sessions)
      .bind(row.active ? 1 : 0)
      .bind(row.created_ms)
      .bind(row.expires_ms)
      .bind(row.used_ms)
      .bind(row.rate_requests)
      .bind(row.rate_seconds)
      .run();
}

bool ApiKeys::remove(std::string_view id) {
  return database_.prepare("DELETE FROM api_key WHERE id = ?").bind(id).run() > 0;
}

void ApiKeys::used(std::string_view id, Millis at) {
  database_.prepare("UPDATE api_key SET used_ms = ? WHERE id = ? AND used_ms < ?")
      .bind(at)
      .bind(id)
      .bind(at)
      .run();
}

void ApiKeys::session_removed(std::string_view session) {
  std::vector<std::pair<std::string, std::string>> theirs;
  {
    auto row = database_.prepare(
        "SELECT id, sessions FROM api_key WHERE instr(' ' || sessions || ' ', ' ' || ? || ' ') > 0");
    row.bind(session);
    while (row.step()) theirs.emplace_back(row.text(0), without_word(row.text(1), session));
  }
  for (const auto& [id, sessions] : theirs) {
    if (sessions.empty())
      remove(id);  // none at all would mean: all
    else
      database_.prepare("UPDATE api_key SET sessions = ? WHERE id = ?").bind(sessions).bind(id).run();
  }
}

}  // namespace pigeond::store
