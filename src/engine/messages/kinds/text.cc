// Texts: `conversation`, or `extendedTextMessage` where there is a quote or a mention.
#include "engine/messages/kinds/text.h"

#include <utility>

#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

bool is(const wa_Message& message) {
  return !message.conversation.empty() || message.has_extendedTextMessage;
}

void show(const wa_Message& message, Shown& shown) {
  shown.body = message.conversation.empty() ? message.extendedTextMessage.text : message.conversation;
}

ContextPlace* context(wa_Message& message) {
  return message.conversation.empty() ? &message.extendedTextMessage.contextInfo : nullptr;
}

void widen(wa_Message& message) {
  if (message.conversation.empty()) return;
  message.has_extendedTextMessage = true;
  message.extendedTextMessage = {};
  message.extendedTextMessage.text = std::exchange(message.conversation, {});
}

}  // namespace

const Kind kText{"text", is, show, context, widen, "text"};

Content text_content(std::string_view text) {
  Content content;
  append_field(content.message, kConversation, as_bytes(text));
  return content;
}

}  // namespace pigeond::engine
