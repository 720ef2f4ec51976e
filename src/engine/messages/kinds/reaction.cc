// Reactions to messages, as others send them.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

void show(const wa_Message& message, Shown& shown) {
  shown.body = message.reactionMessage.text;
}

}  // namespace

const Kind kReaction{"reaction", has_part<&wa_Message::has_reactionMessage>, show, no_context};

}  // namespace pigeond::engine
