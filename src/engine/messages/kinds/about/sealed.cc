#include "engine/messages/kinds/about/sealed.h"

#include "engine/messages/kinds/about/addon.h"

namespace pigeond::engine {
namespace {

template <typename Part>
SealedPart part_of(std::vector<std::string_view> uses, const Part& part) {
  return {std::move(uses), &part.encPayload, &part.encIV};
}

// Of an option that is added whatsmeow makes the key as of an edit, and zapo with words of its own.
std::vector<std::string_view> uses_of(std::int32_t type) {
  switch (type) {
    case wa_SecretEncryptedMessage_SecretEncType_EVENT_EDIT:
      return {kEventEdit};
    case wa_SecretEncryptedMessage_SecretEncType_MESSAGE_EDIT:
      return {kMessageEdit};
    case wa_SecretEncryptedMessage_SecretEncType_POLL_EDIT:
      return {kPollEdit};
    case wa_SecretEncryptedMessage_SecretEncType_POLL_ADD_OPTION:
      return {kPollEdit, kPollOption};
    default:
      return {};
  }
}

}  // namespace

std::optional<SealedPart> sealed_part(const wa_Message& message) {
  if (message.has_pollUpdateMessage) return part_of({kPollVote}, message.pollUpdateMessage.vote);
  if (message.has_encEventResponseMessage) return part_of({kEventAnswer}, message.encEventResponseMessage);
  if (message.has_encReactionMessage) return part_of({kSealedReactionUse}, message.encReactionMessage);
  if (message.has_encCommentMessage) return part_of({kSealedCommentUse}, message.encCommentMessage);
  if (message.has_secretEncryptedMessage)
    return part_of(uses_of(message.secretEncryptedMessage.secretEncType), message.secretEncryptedMessage);
  return std::nullopt;
}

}  // namespace pigeond::engine
