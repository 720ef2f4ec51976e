#include "store/messages/messages.h"

#include "store/erasing.h"
#include "store/jid_column.h"

namespace pigeond::store {
namespace {

MessageRow read_head(const Statement& row) {
  MessageRow head;
  head.seq = row.integer(0);
  head.id = row.text(1);
  head.chat = jid_column(row, 2);
  head.sender = jid_column(row, 3);
  head.from_me = row.integer(4) != 0;
  head.from_api = row.integer(5) != 0;
  head.timestamp = row.integer(6);
  head.type = row.text(7);
  head.ack = static_cast<int>(row.integer(8));
  head.by_lid = row.integer(9) != 0;
  if (const auto number = row.text(10); !number.empty()) head.dialled = wire::pn(number);
  return head;
}

}  // namespace

std::int64_t Messages::insert(const MessageRow& row) {
  auto statement = database_.prepare(
      // Above all marks, also where what was below them is gone already.
      "INSERT INTO message"
      " (seq, session_id, id, chat, sender, from_me, from_api, timestamp, type, content, ack,"
      " by_lid)"
      " VALUES (1 + max(coalesce((SELECT max(seq) FROM message), 0),"
      " coalesce((SELECT max(message_seq) FROM erasing), 0)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const std::string chat = row.chat.text(), sender = row.sender.text();
  statement.bind(session_).bind(row.id).bind(chat).bind(sender).bind(std::int64_t{row.from_me});
  statement.bind(std::int64_t{row.from_api}).bind(row.timestamp).bind(row.type).bind(row.content);
  statement.bind(std::int64_t{row.ack}).bind(std::int64_t{row.by_lid}).run();
  return database_.last_insert_id();
}

std::vector<MessageRow> Messages::heads(const std::string& id) {
  auto statement = database_.prepare(
      "SELECT seq, id, chat, sender, from_me, from_api, timestamp, type, ack, by_lid, dialled FROM message"
      " WHERE session_id = ?1 AND id = ?2 AND seq" PIGEOND_ABOVE_ERASED);
  statement.bind(session_).bind(id);
  std::vector<MessageRow> rows;
  while (statement.step()) rows.push_back(read_head(statement));
  return rows;
}

bool Messages::was_answered(const wire::Jid& chat) {
  const auto text = chat.text();
  auto query = database_.prepare(

      "SELECT 1 FROM message WHERE session_id = ?1 AND chat = ?2 AND (from_me = 0 OR ack >= 1)"
      " AND seq" PIGEOND_ABOVE_ERASED " LIMIT 1");
  return query.bind(session_).bind(text).step();
}

bool Messages::was_told_by_lid(const wire::Jid& chat) {
  const auto text = chat.text();
  auto row = database_.prepare(
      "SELECT by_lid FROM message WHERE session_id = ?1 AND chat = ?2 AND seq" PIGEOND_ABOVE_ERASED
      " ORDER BY seq DESC LIMIT 1");
  return row.bind(session_).bind(text).step() && row.integer(0) != 0;
}

wire::Jid Messages::told_chat(const std::string& id, const wire::Jid& shown, const wire::Jid& lid) {
  for (const auto& row : heads(id))
    if (row.from_me) return row.told_chat(shown, lid);
  return shown;
}

Bytes Messages::content(std::int64_t seq) {
  auto statement = database_.prepare("SELECT content FROM message WHERE session_id = ? AND seq = ?");
  statement.bind(session_).bind(seq);
  return statement.step() ? statement.blob(0) : Bytes{};
}

std::vector<MessageRow> Messages::unread(const wire::Jid& chat, std::int64_t since, std::size_t limit) {
  auto statement = database_.prepare(
      "SELECT seq, id, chat, sender, from_me, from_api, timestamp, type, ack, by_lid, dialled FROM message"
      " WHERE session_id = ?1 AND chat = ?2 AND seq" PIGEOND_ABOVE_ERASED " ORDER BY seq DESC LIMIT 1000");
  const std::string text = chat.text();
  statement.bind(session_).bind(text);
  std::vector<MessageRow> rows;
  while (rows.size() < limit && statement.step()) {
    MessageRow row = read_head(statement);
    if (!row.from_me && row.ack < 3 && row.timestamp >= since) rows.push_back(std::move(row));
  }
  return rows;
}

void Messages::set_chat(std::int64_t seq, const wire::Jid& chat, const wire::Jid& sender,
                        const std::string& dialled) {
  auto statement = database_.prepare(
      "UPDATE message SET chat = ?, sender = ?, dialled = nullif(?, '') WHERE session_id = ? AND seq = ?");
  const std::string there = chat.text(), by = sender.text();
  statement.bind(there).bind(by).bind(dialled).bind(session_).bind(seq).run();
}

void Messages::set_content(std::int64_t seq, const std::string& type, ByteView content) {
  auto statement =
      database_.prepare("UPDATE message SET type = ?, content = ? WHERE session_id = ? AND seq = ?");
  statement.bind(type).bind(content).bind(session_).bind(seq).run();
}

void Messages::set_ack(std::int64_t seq, int ack) {
  auto statement = database_.prepare("UPDATE message SET ack = ? WHERE session_id = ? AND seq = ?");
  statement.bind(std::int64_t{ack}).bind(session_).bind(seq).run();
}

void Messages::set_ack(std::int64_t seq, int ack, std::int64_t timestamp) {
  auto statement =
      database_.prepare("UPDATE message SET ack = ?, timestamp = ? WHERE session_id = ? AND seq = ?");
  statement.bind(std::int64_t{ack}).bind(timestamp).bind(session_).bind(seq).run();
}

}  // namespace pigeond::store
