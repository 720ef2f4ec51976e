// Rows of `chat_timer`: after what time the messages of chats disappear.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/database/database.h"

namespace pigeond::store {

struct ChatTimer {
  std::uint32_t seconds = 0;  // 0: switched off
  std::int64_t set_at = 0;    // unix seconds; 0: not told
  std::int64_t heard_at = 0;  // the same, of what said so
};

class ChatTimers {
 public:
  ChatTimers(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<ChatTimer> find(std::string_view chat_jid);
  void put(std::string_view chat_jid, const ChatTimer& timer);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
