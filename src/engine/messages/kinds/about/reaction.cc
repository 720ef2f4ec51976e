// Reactions. In the announcement groups of communities they are encrypted once more (addon.h).
#include "engine/messages/kinds/about/reaction.h"

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

void show(const wa_Message& message, Shown& shown) {
  shown.body = message.reactionMessage.text;
}

const wa_MessageKey* target(const wa_Message& message) {
  return message.reactionMessage.has_key ? &message.reactionMessage.key : nullptr;
}

const wa_MessageKey* sealed_target(const wa_Message& message) {
  const auto& sealed = message.encReactionMessage;
  return sealed.has_targetMessageKey ? &sealed.targetMessageKey : nullptr;
}

// whatsmeow (getEditAttribute): one that is taken back is marked as a message that is.
void look(const wa_Message& message, StanzaLook& look) {
  look.hidden = true;
  if (message.reactionMessage.text.empty()) look.edit = "7";
}

}  // namespace

const Kind kReaction{.type = "reaction",
                     .is = has_part<&wa_Message::has_reactionMessage>,
                     .show = show,
                     .context = no_context,
                     .stanza_type = "reaction",
                     .target = target,
                     .look = look};
const Kind kSealedReaction{.type = "reaction",
                           .is = has_part<&wa_Message::has_encReactionMessage>,
                           .show = show_nothing,
                           .context = no_context,
                           .stanza_type = "reaction",
                           .target = sealed_target};

Content reaction_content(const wa_MessageKey& target, std::string_view emoji, std::int64_t sent) {
  wa_Message message{};
  message.has_reactionMessage = true;
  auto& reaction = message.reactionMessage;
  reaction.has_key = true;
  reaction.key = target;
  reaction.text = emoji;
  reaction.has_senderTimestampMS = true;
  reaction.senderTimestampMS = sent;
  Content content{wire::proto::encode(message)};
  return content;
}

}  // namespace pigeond::engine
