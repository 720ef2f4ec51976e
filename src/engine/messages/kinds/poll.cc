// Polls, as others make them. Each version of the protocol has put them into another part.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// Points into `message`, and is const as that is.
template <typename Message>
auto find(Message& message) -> decltype(&message.pollCreationMessage) {
  if (message.has_pollCreationMessage) return &message.pollCreationMessage;
  if (message.has_pollCreationMessageV2) return &message.pollCreationMessageV2;
  if (message.has_pollCreationMessageV3) return &message.pollCreationMessageV3;
  if (message.has_pollCreationMessageV5) return &message.pollCreationMessageV5;
  if (message.has_pollCreationMessageV6) return &message.pollCreationMessageV6;
  return nullptr;
}

bool is(const wa_Message& message) {
  return find(message) != nullptr;
}

void show(const wa_Message& message, Shown& shown) {
  shown.body = find(message)->name;
}

ContextPlace* context(wa_Message& message) {
  return &find(message)->contextInfo;
}

}  // namespace

const Kind kPoll{"poll", is, show, context};

}  // namespace pigeond::engine
