#include "store/idempotency_keys.h"

#include <algorithm>

namespace pigeond::store {
namespace {

wire::Jid jid(const std::string& text) {
  return text.empty() ? wire::Jid{} : wire::parse_jid(text).value_or(wire::Jid{});
}

}  // namespace

std::optional<IdempotencyRow> IdempotencyKeys::find(const std::string& key) {
  auto query = database_.prepare(
      "SELECT request, id, created_ms, ended, timestamp, chat, chat_pn, chat_lid, cause, code, detail"
      " FROM idempotency_key WHERE session_id = ? AND key = ?");
  query.bind(session_).bind(key);
  if (!query.step()) return std::nullopt;
  IdempotencyRow row;
  row.key = key;
  const auto request = query.blob_view(0);
  std::copy_n(request.begin(), std::min(request.size(), row.request.size()), row.request.begin());
  row.id = query.text(1);
  row.created = query.integer(2);
  if (query.integer(3) == 0) return row;
  IdempotencyOutcome outcome{
      query.integer(4), jid(query.text(5)), jid(query.text(6)), jid(query.text(7)), {}};
  const auto cause = query.text(8);
  if (!cause.empty())
    outcome.error = Error{cause_named(cause), query.text(10), static_cast<int>(query.integer(9))};
  row.outcome = std::move(outcome);
  return row;
}

void IdempotencyKeys::insert(const IdempotencyRow& row) {
  database_
      .prepare(
          "INSERT INTO idempotency_key (session_id, key, request, id, created_ms) VALUES (?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(row.key)
      .bind(ByteView(row.request))
      .bind(row.id)
      .bind(row.created)
      .run();
}

void IdempotencyKeys::remove(const std::string& key) {
  database_.prepare("DELETE FROM idempotency_key WHERE session_id = ? AND key = ?")
      .bind(session_)
      .bind(key)
      .run();
}

void IdempotencyKeys::end(const std::string& id, const IdempotencyOutcome& outcome) {
  const auto chat = outcome.chat.text(), pn = outcome.chat_pn.text(), lid = outcome.chat_lid.text();
  database_
      .prepare(
          "UPDATE idempotency_key SET ended = 1, timestamp = ?, chat = ?, chat_pn = ?, chat_lid = ?,"
          " cause = ?, code = ?, detail = ? WHERE session_id = ? AND id = ? AND ended = 0")
      .bind(outcome.timestamp)
      .bind(chat)
      .bind(pn)
      .bind(lid)
      .bind(outcome.error ? cause_name(outcome.error->cause) : std::string_view())
      .bind(std::int64_t{outcome.error ? outcome.error->code : 0})
      .bind(outcome.error ? std::string_view(outcome.error->detail) : std::string_view())
      .bind(session_)
      .bind(id)
      .run();
}

bool IdempotencyKeys::any_open() {
  auto query = database_.prepare("SELECT 1 FROM idempotency_key WHERE session_id = ? AND ended = 0 LIMIT 1");
  return query.bind(session_).step();
}

std::size_t IdempotencyKeys::prune(Millis before, std::size_t most) {
  database_.prepare("DELETE FROM idempotency_key WHERE session_id = ? AND created_ms < ? AND ended = 1")
      .bind(session_)
      .bind(before)
      .run();
  database_
      .prepare(
          "DELETE FROM idempotency_key WHERE session_id = ?1 AND seq <= (SELECT seq FROM idempotency_key"
          " WHERE session_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)")
      .bind(session_)
      .bind(static_cast<std::int64_t>(most))
      .run();
  auto count = database_.prepare("SELECT count(*) FROM idempotency_key WHERE session_id = ?");
  return count.bind(session_).step() ? static_cast<std::size_t>(count.integer(0)) : 0;
}

}  // namespace pigeond::store
