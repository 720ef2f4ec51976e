// Texts: `conversation`, or `extendedTextMessage` where there is a quote, a mention or a card for a link.
#include "engine/messages/kinds/text.h"

#include <utility>

#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

// Without a word only if it says by which advertisement its sender came.
bool is(const wa_Message& message) {
  const auto& extended = message.extendedTextMessage;
  return !message.conversation.empty() ||
         (message.has_extendedTextMessage &&
          (!extended.text.empty() || (extended.contextInfo && extended.contextInfo->has_externalAdReply)));
}

void show(const wa_Message& message, Shown& shown) {
  shown.body = message.conversation.empty() ? message.extendedTextMessage.text : message.conversation;
}

ContextPlace* context(wa_Message& message) {
  return message.conversation.empty() ? &message.extendedTextMessage.contextInfo : nullptr;
}

// The service wants it known: what shows a card is `media` (whatsapp-rust by matchedText, whatsmeow by
// title).
bool is_with_card(const wa_Message& message) {
  return is(message) && message.conversation.empty() && !message.extendedTextMessage.matchedText.empty();
}

void widen(wa_Message& message) {
  if (message.conversation.empty()) return;
  message.has_extendedTextMessage = true;
  message.extendedTextMessage = {};
  message.extendedTextMessage.text = std::exchange(message.conversation, {});
}

std::string with_name(const std::string& text, const Renamed& one) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = 0; (found = text.find('@' + one.from, at)) != std::string::npos;) {
    const std::size_t end = found + 1 + one.from.size();
    const bool whole = end == text.size() || text[end] < '0' || text[end] > '9';
    out.append(text, at, found + 1 - at);
    out += whole ? one.to : one.from;
    at = end;
  }
  return out.append(text, at, std::string::npos);
}

}  // namespace

const Kind kLinkText{.type = "text",
                     .is = is_with_card,
                     .show = show,
                     .context = context,
                     .stanza_type = "media",
                     .media_type = "url"};
const Kind kText{"text", is, show, context, widen, "text"};

Content text_content(std::string_view text) {
  Content content;
  append_field(content.message, kConversation, as_bytes(text));
  return content;
}

Content text_content(std::string_view text, const LinkCard& card) {
  if (card.url.empty()) return text_content(text);
  wa_Message message{};
  message.has_extendedTextMessage = true;
  auto& extended = message.extendedTextMessage;
  extended.text = text;
  extended.matchedText = card.url;
  extended.title = card.title;
  extended.description = card.description;
  return Content{wire::proto::encode(message)};
}

std::string with_names(std::string text, const std::vector<Renamed>& renamed) {
  for (const auto& one : renamed) text = with_name(text, one);
  return text;
}

Content with_names(const Content& content, const std::vector<Renamed>& renamed) {
  auto message = wire::proto::decode<wa_Message>(content.message);
  if (!message || !is(*message)) return content;
  std::string& text =
      message->conversation.empty() ? message->extendedTextMessage.text : message->conversation;
  text = with_names(std::move(text), renamed);
  return Content{wire::proto::encode(*message)};
}

}  // namespace pigeond::engine
