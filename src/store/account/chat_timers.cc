#include "store/account/chat_timers.h"

namespace pigeond::store {

std::optional<ChatTimer> ChatTimers::find(std::string_view chat_jid) {
  auto row =
      database_.prepare("SELECT seconds, set_at, heard_at FROM chat_timer WHERE session_id = ? AND chat = ?");
  if (!row.bind(session_).bind(chat_jid).step()) return std::nullopt;
  return ChatTimer{static_cast<std::uint32_t>(row.integer(0)), row.integer(1), row.integer(2)};
}

void ChatTimers::put(std::string_view chat_jid, const ChatTimer& timer) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO chat_timer (session_id, chat, seconds, set_at, heard_at) VALUES (?, ?, ?, "
          "?, ?)")
      .bind(session_)
      .bind(chat_jid)
      .bind(static_cast<std::int64_t>(timer.seconds))
      .bind(timer.set_at)
      .bind(timer.heard_at)
      .run();
}

}  // namespace pigeond::store
