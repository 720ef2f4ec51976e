#include "store/messages/retries.h"

namespace pigeond::store {

int Retries::asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id) {
  auto statement = database_.prepare(
      "SELECT count FROM retry WHERE session_id = ? AND chat = ? AND sender = ? AND id = ?");
  const std::string chat_text = chat.text(), sender_text = sender.text();
  statement.bind(session_).bind(chat_text).bind(sender_text).bind(id);
  return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
}

void Retries::set_asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id, int count,
                        std::int64_t unix_seconds) {
  auto statement = database_.prepare(
      "INSERT OR REPLACE INTO retry (session_id, chat, sender, id, count, updated) VALUES (?, ?, ?, ?, ?, "
      "?)");
  const std::string chat_text = chat.text(), sender_text = sender.text();
  statement.bind(session_)
      .bind(chat_text)
      .bind(sender_text)
      .bind(id)
      .bind(std::int64_t{count})
      .bind(unix_seconds)
      .run();
}

void Retries::clear_asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id) {
  auto statement =
      database_.prepare("DELETE FROM retry WHERE session_id = ? AND chat = ? AND sender = ? AND id = ?");
  const std::string chat_text = chat.text(), sender_text = sender.text();
  statement.bind(session_).bind(chat_text).bind(sender_text).bind(id).run();
}

void Retries::forget_asked_before(std::int64_t unix_seconds) {
  auto statement = database_.prepare("DELETE FROM retry WHERE session_id = ? AND updated < ?");
  statement.bind(session_).bind(unix_seconds).run();
}

Retries::Resent Retries::resent(std::int64_t message, const wire::Jid& device) {
  auto statement = database_.prepare("SELECT times, base_key FROM resent WHERE message = ? AND device = ?");
  const std::string device_text = device.text();
  statement.bind(message).bind(device_text);
  Resent value;
  if (statement.step()) {
    value.count = static_cast<int>(statement.integer(0));
    if (!statement.is_null(1)) value.base_key = statement.blob(1);
  }
  return value;
}

// Nothing where the message went while keys were asked for: its number may be another one's.
void Retries::set_resent(std::int64_t message, const wire::Jid& device, const Resent& value) {
  auto statement = database_.prepare(
      "INSERT INTO resent (message, device, times, base_key) SELECT ?1, ?2, ?3, ?4"
      " WHERE EXISTS (SELECT 1 FROM message WHERE seq = ?1)"
      " ON CONFLICT (message, device) DO UPDATE SET times = excluded.times, base_key = excluded.base_key");
  const std::string device_text = device.text();
  statement.bind(message).bind(device_text).bind(std::int64_t{value.count}).bind(value.base_key).run();
}

}  // namespace pigeond::store
