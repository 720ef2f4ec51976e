// Pins, and messages that somebody keeps in a chat where they would disappear.
#include "engine/messages/kinds/about/pin.h"

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

constexpr int kUndoKeep = 2;

const wa_MessageKey* pinned(const wa_Message& message) {
  return message.pinInChatMessage.has_key ? &message.pinInChatMessage.key : nullptr;
}

const wa_MessageKey* kept(const wa_Message& message) {
  return message.keepInChatMessage.has_key ? &message.keepInChatMessage.key : nullptr;
}

void look_of_pin(const wa_Message&, StanzaLook& look) {
  look.edit = "2";
  look.hidden = true;
}

void look_of_keep(const wa_Message& message, StanzaLook& look) {
  const auto& keep = message.keepInChatMessage;
  look.hidden = true;
  if (keep.keepType == kUndoKeep && keep.key.fromMe) look.edit = "7";
}

}  // namespace

const Kind kPin{.type = "pin",
                .is = has_part<&wa_Message::has_pinInChatMessage>,
                .show = show_nothing,
                .context = no_context,
                .target = pinned,
                .look = look_of_pin};
const Kind kKeep{.type = "keep",
                 .is = has_part<&wa_Message::has_keepInChatMessage>,
                 .show = show_nothing,
                 .context = no_context,
                 .target = kept,
                 .look = look_of_keep};

Content pin_content(const wa_MessageKey& target, std::uint32_t seconds, std::int64_t sent) {
  wa_Message message{};
  message.has_pinInChatMessage = message.has_messageContextInfo = true;
  auto& pin = message.pinInChatMessage;
  pin.has_key = pin.has_type = pin.has_senderTimestampMS = true;
  pin.key = target;
  pin.type = seconds > 0 ? wa_PinInChatMessage_Type_PIN_FOR_ALL : wa_PinInChatMessage_Type_UNPIN_FOR_ALL;
  pin.senderTimestampMS = sent;
  message.messageContextInfo.has_messageAddOnDurationInSecs = true;
  message.messageContextInfo.messageAddOnDurationInSecs = seconds;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
