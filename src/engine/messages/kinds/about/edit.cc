// Edits have two forms: a protocol message, and, as phones send them since 2026, one that is encrypted once
// more with the secret of the message that is edited (addon.h). What that holds is again a protocol message,
// or the new content itself.
#include "engine/messages/kinds/about/edit.h"

#include <utility>

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

bool is(const wa_Message& message) {
  return message.has_protocolMessage && message.protocolMessage.has_key &&
         message.protocolMessage.type == wa_ProtocolMessage_Type_MESSAGE_EDIT;
}

bool is_sealed(const wa_Message& message) {
  if (!message.has_secretEncryptedMessage) return false;
  const auto type = message.secretEncryptedMessage.secretEncType;
  return type == wa_SecretEncryptedMessage_SecretEncType_EVENT_EDIT ||
         type == wa_SecretEncryptedMessage_SecretEncType_MESSAGE_EDIT ||
         type == wa_SecretEncryptedMessage_SecretEncType_POLL_EDIT ||
         type == wa_SecretEncryptedMessage_SecretEncType_POLL_ADD_OPTION;
}

void show(const wa_Message& message, Shown& shown) {
  const wa_Message* now = edited(message);
  if (now == nullptr) return;
  const wa_Message& inner = *innermost(*now);
  const Kind* kind = kind_of(inner);
  if (kind != nullptr && kind->target == nullptr) kind->show(inner, shown);
}

const wa_MessageKey* target(const wa_Message& message) {
  return &message.protocolMessage.key;
}

const wa_MessageKey* sealed_target(const wa_Message& message) {
  const auto& sealed = message.secretEncryptedMessage;
  return sealed.has_targetMessageKey ? &sealed.targetMessageKey : nullptr;
}

void look(const wa_Message&, StanzaLook& look) {
  look.edit = "1";
  look.hidden = true;
}

}  // namespace

const Kind kEdit{
    .type = "edit", .is = is, .show = show, .context = no_context, .target = target, .look = look};
const Kind kSealedEdit{
    .type = "edit", .is = is_sealed, .show = show_nothing, .context = no_context, .target = sealed_target};

const wa_Message* edited(const wa_Message& message) {
  return is(message) ? message.protocolMessage.editedMessage.get() : nullptr;
}

Content edit_content(const wa_MessageKey& target, std::unique_ptr<wa_Message> now_says, std::int64_t sent) {
  wa_Message message{};
  message.has_protocolMessage = true;
  auto& edit = message.protocolMessage;
  edit.has_key = edit.has_type = edit.has_timestampMS = true;
  edit.key = target;
  edit.type = wa_ProtocolMessage_Type_MESSAGE_EDIT;
  edit.editedMessage = std::move(now_says);
  edit.timestampMS = sent;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
