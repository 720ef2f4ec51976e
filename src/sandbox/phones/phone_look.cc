// What a stanza shows of what it carries: by that the service routes and counts, and a client that can't read
// it decides whether to show that something waits. A phone sees both sides, and reports where they differ.
//
//   type            reaction, poll and event of these; media of files; of an edit, a deletion and a pin: text
//   mediatype       which file; a note that somebody speaks is ptt, a film that repeats itself is gif
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
  std::string media = {};
};

Look file(const char* media) {
  return {"media", {}, {}, false, media};
}

bool is_poll(const wa_Message& message) {
  return message.has_pollCreationMessage || message.has_pollCreationMessageV2 ||
         message.has_pollCreationMessageV3;
}

std::optional<Look> look_of(const wa_Message& message) {
  if (!message.conversation.empty()) return Look{"text"};
  if (message.has_reactionMessage)
    return Look{"reaction", message.reactionMessage.text.empty() ? "7" : "", "", true};
  if (is_poll(message)) return Look{"poll", "", "creation"};
  if (message.has_pollUpdateMessage) return Look{"poll", "", "vote"};
  if (message.has_eventMessage) return Look{"event"};
  if (message.has_imageMessage) return file("image");
  if (message.has_videoMessage) return file(message.videoMessage.gifPlayback ? "gif" : "video");
  if (message.has_audioMessage) return file(message.audioMessage.ptt ? "ptt" : "audio");
  if (message.has_documentMessage) return file("document");
  if (message.has_stickerMessage) return file("sticker");
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
  // A phone says of a file what it was told to say.
  if (!look || (!look->media.empty() && sender.number == 0)) return;
  const auto differs = [&](const char* what, const std::string& is, const std::string& shall) {
    if (is != shall)
      world_.violation("stanza-look", &sender, std::string(what) + " is \"" + is + "\", not \"" + shall + '"',
                       &stanza);
  };
  differs("type", stanza.attr("type"), look->type);
  // Baileys marks no reaction that is taken back; whatsmeow does.
  if (!message.has_reactionMessage || stanza.has("edit")) differs("edit", stanza.attr("edit"), look->edit);
  const wire::Node *enc = nullptr, *meta = stanza.child("meta");
  stanza.each("enc", [&enc](const wire::Node& each) { enc = &each; });  // a group's key is before it
  if (look->hidden) differs("decrypt-fail", enc != nullptr ? enc->attr("decrypt-fail") : "", "hide");
  // Baileys' resends have none.
  if (!look->media.empty() && enc != nullptr && !enc->has("count"))
    differs("mediatype", enc->attr("mediatype"), look->media);
  if (!look->poll.empty()) differs("polltype", meta != nullptr ? meta->attr("polltype") : "", look->poll);
}

}  // namespace pigeond::sandbox
