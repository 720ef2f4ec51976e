#include "engine/messages/kinds/content.h"

#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kConversation = 1, kExtendedText = 6, kDeviceSent = 31, kContextInfo = 35;
constexpr std::uint32_t kSecret = 3, kDestination = 1, kInnerMessage = 2;
constexpr int kWrappers = 16;

const wa_Message* wrapped(const wa_Message& message) {
  const auto inner = [](bool has, const wa_FutureProofMessage& wrapper) -> const wa_Message* {
    return has ? wrapper.message.get() : nullptr;
  };
  if (message.has_deviceSentMessage) return message.deviceSentMessage.message.get();
  const wa_Message* found = inner(message.has_botInvokeMessage, message.botInvokeMessage);
  if (!found) found = inner(message.has_ephemeralMessage, message.ephemeralMessage);
  if (!found) found = inner(message.has_viewOnceMessage, message.viewOnceMessage);
  if (!found) found = inner(message.has_viewOnceMessageV2, message.viewOnceMessageV2);
  if (!found) found = inner(message.has_viewOnceMessageV2Extension, message.viewOnceMessageV2Extension);
  if (!found) found = inner(message.has_lottieStickerMessage, message.lottieStickerMessage);
  if (!found) found = inner(message.has_documentWithCaptionMessage, message.documentWithCaptionMessage);
  if (!found) found = inner(message.has_editedMessage, message.editedMessage);
  if (!found) found = inner(message.has_groupMentionedMessage, message.groupMentionedMessage);
  if (!found) found = inner(message.has_groupStatusMessage, message.groupStatusMessage);
  if (!found) found = inner(message.has_groupStatusMessageV2, message.groupStatusMessageV2);
  if (!found) found = inner(message.has_associatedChildMessage, message.associatedChildMessage);
  if (!found) found = inner(message.has_eventCoverImage, message.eventCoverImage);
  if (!found) found = inner(message.has_pollCreationMessageV4, message.pollCreationMessageV4);
  if (!found) found = inner(message.has_spoilerMessage, message.spoilerMessage);
  return found;
}

const wa_PollCreationMessage* poll_of(const wa_Message& m) {
  if (m.has_pollCreationMessage) return &m.pollCreationMessage;
  if (m.has_pollCreationMessageV2) return &m.pollCreationMessageV2;
  if (m.has_pollCreationMessageV3) return &m.pollCreationMessageV3;
  if (m.has_pollCreationMessageV5) return &m.pollCreationMessageV5;
  if (m.has_pollCreationMessageV6) return &m.pollCreationMessageV6;
  return nullptr;
}

// What MessageEvent wants to know of one content.
struct Described {
  std::string type = "unknown";
  std::string body, mimetype, filename;
  bool media = false;
  const wa_ContextInfo* context = nullptr;
};

Described describe_media(const wa_Message& m) {
  if (m.has_imageMessage)
    return {"image", m.imageMessage.caption,          m.imageMessage.mimetype, {},
            true,    m.imageMessage.contextInfo.get()};
  if (m.has_videoMessage)
    return {"video", m.videoMessage.caption,          m.videoMessage.mimetype, {},
            true,    m.videoMessage.contextInfo.get()};
  if (m.has_ptvMessage)
    return {"video", m.ptvMessage.caption, m.ptvMessage.mimetype, {}, true, m.ptvMessage.contextInfo.get()};
  if (m.has_audioMessage)
    return {"audio", {}, m.audioMessage.mimetype, {}, true, m.audioMessage.contextInfo.get()};
  if (m.has_documentMessage)
    return {"document",
            m.documentMessage.caption,
            m.documentMessage.mimetype,
            m.documentMessage.fileName,
            true,
            m.documentMessage.contextInfo.get()};
  if (m.has_stickerMessage)
    return {"sticker", {}, m.stickerMessage.mimetype, {}, true, m.stickerMessage.contextInfo.get()};
  return {};
}

Described describe_one(const wa_Message& m) {
  if (!m.conversation.empty()) return {"text", m.conversation, {}, {}, false, nullptr};
  if (m.has_extendedTextMessage)
    return {"text", m.extendedTextMessage.text, {}, {}, false, m.extendedTextMessage.contextInfo.get()};
  if (Described media = describe_media(m); media.media) return media;
  if (m.has_locationMessage)
    return {"location", m.locationMessage.name, {}, {}, false, m.locationMessage.contextInfo.get()};
  if (m.has_liveLocationMessage)
    return {"location", m.liveLocationMessage.caption,          {}, {},
            false,      m.liveLocationMessage.contextInfo.get()};
  if (m.has_contactMessage)
    return {"contact", m.contactMessage.displayName, {}, {}, false, m.contactMessage.contextInfo.get()};
  if (m.has_contactsArrayMessage)
    return {"contact", m.contactsArrayMessage.displayName,      {}, {},
            false,     m.contactsArrayMessage.contextInfo.get()};
  if (const auto* poll = poll_of(m)) return {"poll", poll->name, {}, {}, false, poll->contextInfo.get()};
  if (m.has_reactionMessage) return {"reaction", m.reactionMessage.text, {}, {}, false, nullptr};
  if (m.has_listResponseMessage)
    return {"text", m.listResponseMessage.title, {}, {}, false, m.listResponseMessage.contextInfo.get()};
  if (m.has_buttonsResponseMessage)
    return {"text", m.buttonsResponseMessage.selectedDisplayText, {}, {},
            false,  m.buttonsResponseMessage.contextInfo.get()};
  if (m.has_templateButtonReplyMessage)
    return {"text", m.templateButtonReplyMessage.selectedDisplayText, {}, {},
            false,  m.templateButtonReplyMessage.contextInfo.get()};
  if (m.has_groupInviteMessage)
    return {"text", m.groupInviteMessage.caption, {}, {}, false, m.groupInviteMessage.contextInfo.get()};
  return {};
}

std::unique_ptr<wa_Message> quoted_message(ByteView content) {
  auto decoded = wire::proto::decode<wa_Message>(content);
  if (!decoded) return nullptr;
  auto message = std::make_unique<wa_Message>(std::move(*decoded));
  message->has_messageContextInfo = false;
  if (message->has_extendedTextMessage) message->extendedTextMessage.contextInfo.reset();
  if (message->has_imageMessage) message->imageMessage.contextInfo.reset();
  if (message->has_videoMessage) message->videoMessage.contextInfo.reset();
  if (message->has_audioMessage) message->audioMessage.contextInfo.reset();
  if (message->has_documentMessage) message->documentMessage.contextInfo.reset();
  if (message->has_stickerMessage) message->stickerMessage.contextInfo.reset();
  return message;
}

}  // namespace

Bytes encode_text(const TextContent& text) {
  Bytes out;
  if (!text.quote && text.mentions.empty()) {
    append_field(out, kConversation, as_bytes(text.text));
  } else {
    wa_ExtendedTextMessage extended{};
    extended.text = text.text;
    extended.contextInfo = std::make_unique<wa_ContextInfo>();
    wa_ContextInfo& context = *extended.contextInfo;
    if (text.quote) {
      context.stanzaID = text.quote->id;
      context.participant = text.quote->author.text();
      context.quotedMessage = quoted_message(text.quote->content);
    }
    for (const auto& jid : text.mentions) context.mentionedJID.push_back(jid.without_device().text());
    append_field(out, kExtendedText, wire::proto::encode(extended));
  }
  Bytes context;
  append_field(context, kSecret, text.secret);
  append_field(out, kContextInfo, context);
  return out;
}

Bytes device_sent(const wire::Jid& destination, ByteView message) {
  Bytes wrapper;
  append_field(wrapper, kDestination, as_bytes(destination.text()));
  append_field(wrapper, kInnerMessage, message);
  Bytes out;
  append_field(out, kDeviceSent, wrapper);
  if (auto context = find_field(message, kContextInfo)) append_field(out, kContextInfo, *context);
  return out;
}

const wa_Message* innermost(const wa_Message& message) {
  const wa_Message* at = &message;
  for (int i = 0; i < kWrappers; ++i) {
    const wa_Message* inner = wrapped(*at);
    if (inner == nullptr) break;
    at = inner;
  }
  return at;
}

bool is_visible(const wa_Message& message) {
  const wa_Message& m = *innermost(message);
  if (describe_one(m).type != "unknown") return true;
  const bool silent = m.has_protocolMessage || m.has_senderKeyDistributionMessage ||
                      m.has_fastRatchetKeySenderKeyDistributionMessage || m.has_pollUpdateMessage ||
                      m.has_keepInChatMessage || m.has_pinInChatMessage || m.has_encReactionMessage;
  return !silent;
}

void describe(const wa_Message& message, MessageEvent& event) {
  const Described found = describe_one(*innermost(message));
  event.type = found.type;
  event.body = found.body;
  event.mimetype = found.mimetype;
  event.filename = found.filename;
  event.has_media = found.media;
  if (found.context == nullptr) return;
  for (const auto& text : found.context->mentionedJID)
    if (auto jid = wire::parse_jid(text)) event.mentions.push_back(*jid);
  if (found.context->stanzaID.empty()) return;
  QuotedMessage quoted;
  quoted.id = found.context->stanzaID;
  quoted.participant = wire::parse_jid(found.context->participant).value_or(wire::Jid{}).without_device();
  if (found.context->quotedMessage)
    quoted.body = describe_one(*innermost(*found.context->quotedMessage)).body;
  event.quoted = std::move(quoted);
}

}  // namespace pigeond::engine
