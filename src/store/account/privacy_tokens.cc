#include "store/account/privacy_tokens.h"

namespace pigeond::store {

std::optional<PrivacyTokenRow> PrivacyTokens::find(std::string_view user_jid) {
  auto row = database_.prepare(
      "SELECT token, timestamp, issued FROM privacy_token WHERE session_id = ? AND user = ?");
  if (!row.bind(session_).bind(user_jid).step()) return std::nullopt;
  return PrivacyTokenRow{row.blob(0), row.integer(1), row.integer(2)};
}

bool PrivacyTokens::put(std::string_view user_jid, ByteView token, std::int64_t timestamp) {
  return database_
             .prepare(
                 "INSERT INTO privacy_token (session_id, user, token, timestamp) VALUES (?, ?, ?, ?)"
                 " ON CONFLICT (session_id, user) DO UPDATE SET token = excluded.token,"
                 " timestamp = excluded.timestamp WHERE excluded.timestamp >= privacy_token.timestamp")
             .bind(session_)
             .bind(user_jid)
             .bind(token)
             .bind(timestamp)
             .run() > 0;
}

void PrivacyTokens::set_issued(std::string_view user_jid, std::int64_t issued) {
  database_
      .prepare(
          "INSERT INTO privacy_token (session_id, user, issued) VALUES (?, ?, ?)"
          " ON CONFLICT (session_id, user) DO UPDATE SET issued = excluded.issued"
          " WHERE excluded.issued > privacy_token.issued")
      .bind(session_)
      .bind(user_jid)
      .bind(issued)
      .run();
}

void PrivacyTokens::remove(std::string_view user_jid) {
  database_.prepare("DELETE FROM privacy_token WHERE session_id = ? AND user = ?")
      .bind(session_)
      .bind(user_jid)
      .run();
}

std::int64_t PrivacyTokens::remove_older(std::int64_t timestamp, std::int64_t issued) {
  return database_.prepare("DELETE FROM privacy_token WHERE session_id = ? AND timestamp < ? AND issued < ?")
      .bind(session_)
      .bind(timestamp)
      .bind(issued)
      .run();
}

Bytes PrivacyTokens::salt() {
  auto row = database_.prepare("SELECT salt FROM nct_salt WHERE session_id = ?");
  return row.bind(session_).step() ? row.blob(0) : Bytes();
}

void PrivacyTokens::set_salt(ByteView salt) {
  if (salt.empty()) {
    database_.prepare("DELETE FROM nct_salt WHERE session_id = ?").bind(session_).run();
    return;
  }
  database_
      .prepare(
          "INSERT INTO nct_salt (session_id, salt) VALUES (?1, ?2)"
          " ON CONFLICT (session_id) DO UPDATE SET salt = excluded.salt WHERE salt <> excluded.salt")
      .bind(session_)
      .bind(salt)
      .run();
}

}  // namespace pigeond::store
