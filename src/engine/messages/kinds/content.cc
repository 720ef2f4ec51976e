#include "engine/messages/kinds/content.h"

#include <utility>

#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/text.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kDeviceSent = 31, kContextInfo = 35;
constexpr std::uint32_t kSecret = 3, kDestination = 1, kInnerMessage = 2;
constexpr std::uint32_t kTokenVersion = 8, kOfTokens = 2;  // of reporting_token.h, as whatsapp-rust says it
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

// Reading it changes nothing.
const wa_ContextInfo* context_of(const Kind& kind, const wa_Message& message) {
  const auto* place = kind.context(const_cast<wa_Message&>(message));
  return place != nullptr ? place->get() : nullptr;
}

std::string body_of(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  Shown shown;
  if (const Kind* kind = kind_of(inner)) kind->show(inner, shown);
  return std::move(shown.body);
}

std::unique_ptr<wa_Message> quoted_message(ByteView content) {
  if (content.empty()) return nullptr;
  auto decoded = wire::proto::decode<wa_Message>(content);
  if (!decoded) return nullptr;
  auto message = std::make_unique<wa_Message>(std::move(*decoded));
  message->has_messageContextInfo = false;
  if (const Kind* kind = kind_of(*message))
    if (auto* place = kind->context(*message)) place->reset();
  return message;
}

std::unique_ptr<wa_ContextInfo> context_info(const Framing& framing) {
  auto context = std::make_unique<wa_ContextInfo>();
  if (framing.quote) {
    context->stanzaID = framing.quote->id;
    context->participant = framing.quote->author.text();
    context->quotedMessage = quoted_message(framing.quote->content);
  }
  for (const auto& jid : framing.mentions) context->mentionedJID.push_back(jid.without_device().text());
  return context;
}

}  // namespace

Result<Bytes> framed(const Content& content, const Framing& framing) {
  Bytes out;
  if (!framing.quote && framing.mentions.empty()) {
    out = content.message;
  } else {
    PIGEOND_TRY(wa_Message message, wire::proto::decode<wa_Message>(content.message));
    const Kind* kind = kind_of(message);
    if (kind != nullptr && kind->widen != nullptr) kind->widen(message);
    ContextPlace* place = kind != nullptr ? kind->context(message) : nullptr;
    if (place == nullptr)
      return fail(Cause::unsupported, "this kind of message can neither answer nor name anybody");
    *place = context_info(framing);
    out = wire::proto::encode(message);
  }
  Bytes context;
  append_field(context, kSecret, framing.secret);
  append_varint(context, kTokenVersion << 3);
  append_varint(context, kOfTokens);
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

StanzaLook look_of(ByteView message) {
  if (find_field(message, kConversation)) return {kText.stanza_type, kText.media_type};  // as most are
  const auto decoded = wire::proto::decode<wa_Message>(message);
  const Kind* kind = decoded ? kind_of(*innermost(*decoded)) : nullptr;
  return kind != nullptr ? StanzaLook{kind->stanza_type, kind->media_type} : StanzaLook{};
}

bool is_visible(const wa_Message& message) {
  const wa_Message& m = *innermost(message);
  if (kind_of(m) != nullptr) return true;
  const bool silent = m.has_protocolMessage || m.has_senderKeyDistributionMessage ||
                      m.has_fastRatchetKeySenderKeyDistributionMessage || m.has_pollUpdateMessage ||
                      m.has_keepInChatMessage || m.has_pinInChatMessage || m.has_encReactionMessage;
  return !silent;
}

Shown describe(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  Shown shown;
  shown.type = "unknown";
  const Kind* kind = kind_of(inner);
  if (kind == nullptr) return shown;
  shown.type = kind->type;
  kind->show(inner, shown);
  const wa_ContextInfo* context = context_of(*kind, inner);
  if (context == nullptr) return shown;
  for (const auto& text : context->mentionedJID)
    if (auto jid = wire::parse_jid(text)) shown.mentions.push_back(*jid);
  if (context->stanzaID.empty()) return shown;
  QuotedMessage quoted;
  quoted.id = context->stanzaID;
  quoted.participant = wire::parse_jid(context->participant).value_or(wire::Jid{}).without_device();
  if (context->quotedMessage) quoted.body = body_of(*context->quotedMessage);
  shown.quoted = std::move(quoted);
  return shown;
}

Shown describe(const Content& content) {
  const auto message = wire::proto::decode<wa_Message>(content.message);
  return message ? describe(*message) : describe(wa_Message{});
}

}  // namespace pigeond::engine
