#include "engine/messages/kinds/about/revoke.h"

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

bool is(const wa_Message& message) {
  return message.has_protocolMessage && message.protocolMessage.has_key &&
         message.protocolMessage.type == wa_ProtocolMessage_Type_REVOKE;
}

const wa_MessageKey* target(const wa_Message& message) {
  return &message.protocolMessage.key;
}

// Unlike what else is about a message it is not hidden while it can't be read (whatsapp-rust cce5afd5).
void look(const wa_Message& message, StanzaLook& look) {
  look.edit = message.protocolMessage.key.fromMe ? "7" : "8";
}

}  // namespace

const Kind kRevoke{
    .type = "revoke", .is = is, .show = show_nothing, .context = no_context, .target = target, .look = look};

Content revoke_content(const wa_MessageKey& target) {
  wa_Message message{};
  message.has_protocolMessage = true;
  auto& revoke = message.protocolMessage;
  revoke.has_key = revoke.has_type = true;
  revoke.key = target;
  revoke.type = wa_ProtocolMessage_Type_REVOKE;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
