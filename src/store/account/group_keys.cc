#include "store/account/group_keys.h"

namespace pigeond::store {

std::optional<bool> GroupKeys::by_lid(const wire::Jid& group) {
  const std::string chat = group.text();
  auto row = database_.prepare("SELECT by_lid FROM group_key WHERE session_id = ? AND chat = ?");
  if (!row.bind(session_).bind(chat).step()) return std::nullopt;
  return row.integer(0) != 0;
}

void GroupKeys::begin(const wire::Jid& group, bool by_lid) {
  const std::string chat = group.text();
  database_.prepare("INSERT OR REPLACE INTO group_key (session_id, chat, by_lid) VALUES (?, ?, ?)")
      .bind(session_)
      .bind(chat)
      .bind(std::int64_t{by_lid ? 1 : 0})
      .run();
}

void GroupKeys::forget(const wire::Jid& group) {
  const std::string chat = group.text();
  for (const char* sql : {"DELETE FROM group_key WHERE session_id = ? AND chat = ?",
                          "DELETE FROM group_key_holder WHERE session_id = ? AND chat = ?"})
    database_.prepare(sql).bind(session_).bind(chat).run();
}

std::vector<KeyHolder> GroupKeys::holders(const wire::Jid& group) {
  std::vector<KeyHolder> out;
  const std::string chat = group.text();
  auto row = database_.prepare(
      "SELECT user, device, given_in FROM group_key_holder WHERE session_id = ? AND chat = ?");
  row.bind(session_).bind(chat);
  while (row.step()) out.push_back({row.text(0), static_cast<std::uint16_t>(row.integer(1)), row.integer(2)});
  return out;
}

void GroupKeys::give(const wire::Jid& group, const std::vector<wire::Jid>& devices, std::int64_t seq) {
  const std::string chat = group.text();
  auto insert = database_.prepare(
      "INSERT OR REPLACE INTO group_key_holder (session_id, chat, user, device, given_in)"
      " VALUES (?, ?, ?, ?, ?)");
  for (const auto& device : devices)
    insert.again().bind(session_).bind(chat).bind(device.user).bind(device.device).bind(seq).run();
}

void GroupKeys::arrived(const wire::Jid& group, std::int64_t seq) {
  set_given(group, seq, 0);
}

void GroupKeys::failed(const wire::Jid& group, std::int64_t seq) {
  set_given(group, seq, KeyHolder::kAgain);
}

void GroupKeys::set_given(const wire::Jid& group, std::int64_t from, std::int64_t to) {
  const std::string chat = group.text();
  database_
      .prepare("UPDATE group_key_holder SET given_in = ? WHERE session_id = ? AND chat = ? AND given_in = ?")
      .bind(to)
      .bind(session_)
      .bind(chat)
      .bind(from)
      .run();
}

void GroupKeys::give_again(const wire::Jid& group, const wire::Jid& device) {
  give(group, {device}, KeyHolder::kAgain);
}

void GroupKeys::give_again_to(const wire::Jid& group, const wire::Jid& user) {
  database_.prepare("UPDATE group_key_holder SET given_in = ? WHERE session_id = ? AND chat = ? AND user = ?")
      .bind(KeyHolder::kAgain)
      .bind(session_)
      .bind(group.text())
      .bind(user.user)
      .run();
}

// By way of the groups that have a key, since an index by users would be written with each key that is handed
// out.
void GroupKeys::give_again(const wire::Jid& user) {
  database_
      .prepare(
          "UPDATE group_key_holder SET given_in = ?3 WHERE session_id = ?1 AND user = ?2"
          " AND chat IN (SELECT chat FROM group_key WHERE session_id = ?1)")
      .bind(session_)
      .bind(user.user)
      .bind(KeyHolder::kAgain)
      .run();
}

}  // namespace pigeond::store
