#include "store/privacy_tokens.h"

namespace pigeond::store {

void PrivacyTokens::put(std::string_view user_jid, ByteView token, std::int64_t timestamp) {
  database_
      .prepare(
          "INSERT INTO privacy_token (session_id, user, token, timestamp) VALUES (?, ?, ?, ?)"
          " ON CONFLICT (session_id, user) DO UPDATE SET token = excluded.token, timestamp = "
          "excluded.timestamp"
          " WHERE excluded.timestamp >= privacy_token.timestamp")
      .bind(session_)
      .bind(user_jid)
      .bind(token)
      .bind(timestamp)
      .run();
}

}  // namespace pigeond::store
