// What a stanza shows of what it carries: by that the service routes and counts, and a client that can't read
// it decides whether to show that something waits. A phone sees both sides, and reports where they differ.
//
//   type            reaction, poll and event of these; of an edit, a deletion and a pin: text
//   edit            1 an edit, 2 a pin, 7 an own message deleted, 8 somebody's deleted by an admin
//   decrypt-fail    hide: of a reaction and a pin
//   <meta polltype> creation, vote
//
// Known from whatsmeow's send.go (getTypeFromMessage, getEditAttribute, getMessageContent), Baileys'
// messages-send.js and whatsapp-rust's wacore/src/send/classify.rs, as far as they agree.
#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

struct Look {
  std::string type = "text", edit = {}, poll = {};
  bool hidden = false;
};

bool is_poll(const wa_Message& message) {
  return message.has_pollCreationMessage || message.has_pollCreationMessageV2 ||
         message.has_pollCreationMessageV3;
}

// In a group a key may stand before it.
const wire::Node* enc_of(const wire::Node& stanza) {
  const wire::Node* found = stanza.child("enc");
  stanza.each("enc", [&found](const wire::Node& enc) {
    if (enc.is("type", "skmsg")) found = &enc;
  });
  return found;
}

std::optional<Look> look_of(const wa_Message& message) {
  if (message.has_reactionMessage)
    return Look{"reaction", message.reactionMessage.text.empty() ? "7" : "", "", true};
  if (is_poll(message)) return Look{"poll", "", "creation"};
  if (message.has_pollUpdateMessage) return Look{"poll", "", "vote"};
  if (message.has_eventMessage) return Look{"event"};
  if (message.has_pinInChatMessage) return Look{"text", "2", "", true};
  if (!message.has_protocolMessage || !message.protocolMessage.has_key) return std::nullopt;
  if (message.protocolMessage.type == wa_ProtocolMessage_Type_MESSAGE_EDIT) return Look{"text", "1"};
  if (message.protocolMessage.type == wa_ProtocolMessage_Type_REVOKE)
    return Look{"text", message.protocolMessage.key.fromMe ? "7" : "8"};
  return std::nullopt;
}

}  // namespace

void Phone::check_look(const wire::Node& stanza, const DeviceRef& sender, const wa_Message& message) {
  const auto look = look_of(message);
  if (!look) return;
  const auto differs = [&](const char* what, const std::string& is, const std::string& shall) {
    if (is != shall)
      world_.violation("stanza-look", &sender, std::string(what) + " is \"" + is + "\", not \"" + shall + '"',
                       &stanza);
  };
  differs("type", stanza.attr("type"), look->type);
  // Baileys marks no reaction that is taken back; whatsmeow does.
  if (!message.has_reactionMessage || stanza.has("edit")) differs("edit", stanza.attr("edit"), look->edit);
  const wire::Node *enc = enc_of(stanza), *meta = stanza.child("meta");
  if (look->hidden) differs("decrypt-fail", enc != nullptr ? enc->attr("decrypt-fail") : "", "hide");
  if (!look->poll.empty()) differs("polltype", meta != nullptr ? meta->attr("polltype") : "", look->poll);
}

}  // namespace pigeond::sandbox
