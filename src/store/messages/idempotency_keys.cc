#include "store/messages/idempotency_keys.h"

#include <algorithm>
#include <vector>

#include "store/indexed.h"

namespace pigeond::store {
namespace {

wire::Jid jid(const std::string& text) {
  return text.empty() ? wire::Jid{} : wire::parse_jid(text).value_or(wire::Jid{});
}

}  // namespace

std::optional<IdempotencyRow> IdempotencyKeys::find(const std::string& key) {
  auto query = database_.prepare(
      "SELECT request, id, created_ms, ended, timestamp, chat, chat_pn, chat_lid, cause, code, detail,"
      " field FROM idempotency_key WHERE session_id = ? AND key = ?");
  const std::string text = indexed(key);
  query.bind(session_).bind(text);
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
    outcome.error = Error{cause_named(cause), query.text(10), static_cast<int>(query.integer(9)), 0,
                          static_cast<Field>(query.integer(11))};
  row.outcome = std::move(outcome);
  return row;
}

void IdempotencyKeys::insert(const IdempotencyRow& row) {
  const std::string key = indexed(row.key);
  database_
      .prepare(
          "INSERT INTO idempotency_key (session_id, key, request, id, created_ms) VALUES (?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(key)
      .bind(ByteView(row.request))
      .bind(row.id)
      .bind(row.created)
      .run();
}

void IdempotencyKeys::remove(const std::string& key) {
  const std::string text = indexed(key);
  database_.prepare("DELETE FROM idempotency_key WHERE session_id = ? AND key = ?")
      .bind(session_)
      .bind(text)
      .run();
}

void IdempotencyKeys::end(const std::string& id, const IdempotencyOutcome& outcome) {
  const auto chat = outcome.chat.text(), pn = outcome.chat_pn.text(), lid = outcome.chat_lid.text();
  database_
      .prepare(
          "UPDATE idempotency_key SET ended = 1, timestamp = ?, chat = ?, chat_pn = ?, chat_lid = ?,"
          " cause = ?, code = ?, detail = ?, field = ? WHERE session_id = ? AND id = ? AND ended = 0")
      .bind(outcome.timestamp)
      .bind(chat)
      .bind(pn)
      .bind(lid)
      .bind(outcome.error ? cause_name(outcome.error->cause) : std::string_view())
      .bind(std::int64_t{outcome.error ? outcome.error->code : 0})
      .bind(outcome.error ? std::string_view(outcome.error->detail) : std::string_view())
      .bind(outcome.error ? static_cast<std::int64_t>(outcome.error->field) : 0)
      .bind(session_)
      .bind(id)
      .run();
}

bool IdempotencyKeys::any_open() {
  auto query = database_.prepare("SELECT 1 FROM idempotency_key WHERE session_id = ? AND ended = 0 LIMIT 1");
  return query.bind(session_).step();
}

KeysPruned prune_idempotency_keys(Database& database, const KeyAge& age, std::int64_t after,
                                  std::size_t limit) {
  std::vector<std::int64_t> gone, undated;
  KeysPruned out;
  std::size_t seen = 0;
  bool goes_on = false;
  {
    auto row = database.prepare(
        "SELECT seq, created_ms, ended FROM idempotency_key WHERE seq > ? ORDER BY seq LIMIT ?");
    row.bind(after).bind(static_cast<std::int64_t>(limit));
    for (; row.step(); ++seen) {
      out.next = row.integer(0);
      const Millis created = row.integer(1);
      const bool dated = created > 0 && created <= age.now + kDay;
      if (dated && created >= age.now - age.kept) continue;
      goes_on = true;
      if (!dated)
        undated.push_back(out.next);
      else if (row.integer(2) != 0)
        gone.push_back(out.next);
    }
  }
  for (const std::int64_t seq : undated)
    database.prepare("UPDATE idempotency_key SET created_ms = ? WHERE seq = ?").bind(age.now).bind(seq).run();
  for (const std::int64_t seq : gone)
    database.prepare("DELETE FROM idempotency_key WHERE seq = ?").bind(seq).run();
  out.rows = static_cast<std::int64_t>(gone.size());
  if (!goes_on || seen < limit) out.next = 0;
  return out;
}

std::int64_t idempotency_key_span(Database& database) {
  auto last = database.prepare("SELECT max(seq) FROM idempotency_key");
  if (!last.step() || last.is_null(0)) return 0;
  auto first = database.prepare("SELECT min(seq) FROM idempotency_key");
  return first.step() ? last.integer(0) - first.integer(0) + 1 : 0;
}

std::int64_t count_idempotency_keys(Database& database) {
  auto row = database.prepare("SELECT count(*) FROM idempotency_key");
  return row.step() ? row.integer(0) : 0;
}

}  // namespace pigeond::store
