#include "store/messages/outbox.h"

#include "store/jid_column.h"

#include <algorithm>
#include <utility>

#define SELECT_ROWS                                                                             \
  "SELECT seq, id, chat, stanza IS NOT NULL, phash, attempts, created_ms, written, expires_ms," \
  " renewals, cause, code, distrust, form, untold FROM outbox"

namespace pigeond::store {
namespace {

// As `distrust` has them.
constexpr std::int64_t kInQuestion = 1, kOtherToken = 2, kOtherForm = 4, kAwaitedToken = 8;

OutboxRow read(const Statement& statement) {
  OutboxRow row;
  row.seq = statement.integer(0);
  row.id = statement.text(1);
  row.chat = jid_column(statement, 2);
  row.encrypted = statement.integer(3) != 0;
  row.phash = statement.text(4);
  row.attempts = static_cast<int>(statement.integer(5));
  row.created = statement.integer(6);
  row.written = statement.integer(7) != 0;
  row.expires = statement.integer(8);
  row.renewals = static_cast<int>(statement.integer(9));
  row.cause = statement.text(10);
  row.code = static_cast<int>(statement.integer(11));
  const std::int64_t distrust = statement.integer(12);
  row.distrust = {(distrust & kInQuestion) != 0, (distrust & kOtherToken) != 0, (distrust & kOtherForm) != 0,
                  (distrust & kAwaitedToken) != 0};
  row.form = static_cast<AddressForm>(std::clamp<std::int64_t>(statement.integer(13), 0, 2));
  row.untold = statement.integer(14) != 0;
  return row;
}

}  // namespace

std::int64_t Outbox::insert(const OutboxRow& row, const std::optional<Bytes>& stanza) {
  auto statement = database_.prepare(
      "INSERT INTO outbox (session_id, seq, id, chat, stanza, phash, attempts, created_ms, expires_ms, "
      "written, untold)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const std::string chat = row.chat.text();
  const std::int64_t seq = next_seq();
  statement.bind(session_).bind(seq).bind(row.id).bind(chat).bind(stanza).bind(row.phash);
  statement.bind(std::int64_t{row.attempts}).bind(row.created).bind(row.expires);
  statement.bind(std::int64_t{row.written || stanza}).bind(std::int64_t{row.untold}).run();
  return seq;
}

std::int64_t Outbox::next_seq() {
  if (last_seq_ == 0) {
    auto highest = database_.prepare("SELECT max(seq) FROM outbox WHERE session_id = ?");
    if (highest.bind(session_).step()) last_seq_ = highest.integer(0);
  }
  return ++last_seq_;
}

std::vector<OutboxRow> Outbox::all() {
  auto statement = database_.prepare(SELECT_ROWS " WHERE session_id = ? ORDER BY seq");
  statement.bind(session_);
  std::vector<OutboxRow> rows;
  while (statement.step()) rows.push_back(read(statement));
  return rows;
}

std::vector<OutboxRow> Outbox::page(std::size_t limit, std::size_t offset) {
  auto statement = database_.prepare(SELECT_ROWS " WHERE session_id = ? ORDER BY seq");
  statement.bind(session_);
  std::vector<OutboxRow> rows;
  while (rows.size() < limit && statement.step()) {
    OutboxRow row = read(statement);
    if (row.untold) continue;
    if (offset == 0)
      rows.push_back(std::move(row));
    else
      --offset;
  }
  return rows;
}

std::optional<OutboxRow> Outbox::find(const std::string& id) {
  // There is no index on ids: what was accepted last is asked for most, and found first.
  auto statement =
      database_.prepare(SELECT_ROWS " WHERE session_id = ? AND id = ? ORDER BY seq DESC LIMIT 1");
  statement.bind(session_).bind(id);
  if (!statement.step()) return std::nullopt;
  return read(statement);
}

bool Outbox::can_expire() {
  auto statement = database_.prepare(
      "SELECT 1 FROM outbox WHERE session_id = ? AND expires_ms > 0 AND written = 0 LIMIT 1");
  return statement.bind(session_).step();
}

std::optional<Bytes> Outbox::stanza(std::int64_t seq) {
  auto statement = database_.prepare("SELECT stanza FROM outbox WHERE session_id = ? AND seq = ?");
  statement.bind(session_).bind(seq);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.blob(0);
}

void Outbox::set_stanza(std::int64_t seq, ByteView stanza, const std::string& phash, int attempts) {
  auto statement = database_.prepare(
      "UPDATE outbox SET stanza = ?, phash = ?, attempts = ?, written = 1 WHERE session_id = ? AND seq = ?");
  statement.bind(stanza).bind(phash).bind(std::int64_t{attempts}).bind(session_).bind(seq).run();
}

void Outbox::set_attempts(std::int64_t seq, int attempts) {
  auto statement = database_.prepare("UPDATE outbox SET attempts = ? WHERE session_id = ? AND seq = ?");
  statement.bind(std::int64_t{attempts}).bind(session_).bind(seq).run();
}

void Outbox::set_trouble(std::int64_t seq, int attempts, int renewals, std::string_view cause, int code) {
  auto statement = database_.prepare(
      "UPDATE outbox SET attempts = ?, renewals = ?, cause = ?, code = ? WHERE session_id = ? AND seq = ?");
  statement.bind(std::int64_t{attempts}).bind(std::int64_t{renewals}).bind(cause).bind(std::int64_t{code});
  statement.bind(session_).bind(seq).run();
}

void Outbox::set_distrust(std::int64_t seq, const Distrust& distrust, AddressForm form) {
  const std::int64_t bits =
      (distrust.in_question ? kInQuestion : 0) | (distrust.other_token ? kOtherToken : 0) |
      (distrust.other_form ? kOtherForm : 0) | (distrust.awaited_token ? kAwaitedToken : 0);
  auto statement =
      database_.prepare("UPDATE outbox SET distrust = ?, form = ? WHERE session_id = ? AND seq = ?");
  statement.bind(bits).bind(static_cast<std::int64_t>(form)).bind(session_).bind(seq).run();
}

void Outbox::set_told(std::int64_t seq) {
  auto statement = database_.prepare("UPDATE outbox SET untold = 0 WHERE session_id = ? AND seq = ?");
  statement.bind(session_).bind(seq).run();
}

void Outbox::set_chat(std::int64_t seq, const wire::Jid& chat) {
  auto statement = database_.prepare("UPDATE outbox SET chat = ? WHERE session_id = ? AND seq = ?");
  const std::string text = chat.text();
  statement.bind(text).bind(session_).bind(seq).run();
}

void Outbox::drop_stanza(std::int64_t seq) {
  auto statement =
      database_.prepare("UPDATE outbox SET stanza = NULL, phash = '' WHERE session_id = ? AND seq = ?");
  statement.bind(session_).bind(seq).run();
}

void Outbox::remove(std::int64_t seq) {
  auto statement = database_.prepare("DELETE FROM outbox WHERE session_id = ? AND seq = ?");
  statement.bind(session_).bind(seq).run();
}

std::vector<OutboxRow> Outbox::keep_only(std::string_view pn, std::string_view lid) {
  // A sender is a device JID: user[:device]@server. Of another account's messages none is left but those that
  // wait here; the rest was erased.
  database_
      .prepare(
          "DELETE FROM message WHERE seq IN (SELECT m.seq FROM outbox o CROSS JOIN message m"
          " ON m.session_id = o.session_id AND m.id = o.id WHERE o.session_id = ?1 AND m.from_me = 1"
          " AND substr(sender, 1, length(?2) + 1) NOT IN (?2 || ':', ?2 || '@')"
          " AND substr(sender, 1, length(?3) + 1) NOT IN (?3 || ':', ?3 || '@'))")
      .bind(session_)
      .bind(pn)
      .bind(lid)
      .run();
  auto statement = database_.prepare(SELECT_ROWS
                                     " WHERE session_id = ?1 AND NOT EXISTS (SELECT 1 FROM message"
                                     " WHERE message.session_id = ?1 AND message.id = outbox.id"
                                     " AND from_me = 1) ORDER BY seq");
  statement.bind(session_);
  std::vector<OutboxRow> dropped;
  while (statement.step()) dropped.push_back(read(statement));
  for (const auto& row : dropped) remove(row.seq);
  return dropped;
}

}  // namespace pigeond::store
