#include "engine/effects.h"

#include <utility>

namespace pigeond::engine {

AckEvent dropped_message(std::string id, const wire::Jid& chat, std::int64_t timestamp, Error why) {
  AckEvent out;
  out.id = std::move(id);
  out.chat = out.told_chat = chat.without_device();
  if (chat.is_pn()) out.chat_pn = out.chat;
  if (chat.is_lid()) out.chat_lid = out.chat;
  out.ack = -1;
  out.timestamp = timestamp;
  out.cause = std::move(why);
  return out;
}

}  // namespace pigeond::engine
