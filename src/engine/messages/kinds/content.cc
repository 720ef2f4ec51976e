#include "engine/messages/kinds/content.h"

#include <utility>

#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reading/context.h"
#include "engine/messages/kinds/reading/prose.h"
#include "engine/messages/kinds/text.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kDeviceSent = 31, kContextInfo = 35;
constexpr std::uint32_t kSecret = 3, kDestination = 1, kInnerMessage = 2;
constexpr std::uint32_t kTokenVersion = 8, kOfTokens = 2;  // of reporting_token.h, as whatsapp-rust says it
constexpr int kWrappers = 16;

struct Wrapper {
  bool wa_Message::*is_there;
  wa_FutureProofMessage wa_Message::*part;
};
// In the order in which they are looked for, which is whatsmeow's.
constexpr Wrapper kWrapping[] = {
    {&wa_Message::has_botInvokeMessage, &wa_Message::botInvokeMessage},
    {&wa_Message::has_ephemeralMessage, &wa_Message::ephemeralMessage},
    {&wa_Message::has_viewOnceMessage, &wa_Message::viewOnceMessage},
    {&wa_Message::has_viewOnceMessageV2, &wa_Message::viewOnceMessageV2},
    {&wa_Message::has_viewOnceMessageV2Extension, &wa_Message::viewOnceMessageV2Extension},
    {&wa_Message::has_lottieStickerMessage, &wa_Message::lottieStickerMessage},
    {&wa_Message::has_documentWithCaptionMessage, &wa_Message::documentWithCaptionMessage},
    {&wa_Message::has_editedMessage, &wa_Message::editedMessage},
    {&wa_Message::has_groupMentionedMessage, &wa_Message::groupMentionedMessage},
    {&wa_Message::has_groupStatusMessage, &wa_Message::groupStatusMessage},
    {&wa_Message::has_groupStatusMessageV2, &wa_Message::groupStatusMessageV2},
    {&wa_Message::has_associatedChildMessage, &wa_Message::associatedChildMessage},
    {&wa_Message::has_eventCoverImage, &wa_Message::eventCoverImage},
    {&wa_Message::has_pollCreationMessageV4, &wa_Message::pollCreationMessageV4},
    {&wa_Message::has_spoilerMessage, &wa_Message::spoilerMessage},
    {&wa_Message::has_pollCreationOptionImageMessage, &wa_Message::pollCreationOptionImageMessage},
    {&wa_Message::has_statusMentionMessage, &wa_Message::statusMentionMessage},
    {&wa_Message::has_groupStatusMentionMessage, &wa_Message::groupStatusMentionMessage},
    {&wa_Message::has_statusAddYours, &wa_Message::statusAddYours},
    {&wa_Message::has_limitSharingMessage, &wa_Message::limitSharingMessage},
    {&wa_Message::has_botTaskMessage, &wa_Message::botTaskMessage},
    {&wa_Message::has_questionMessage, &wa_Message::questionMessage},
    {&wa_Message::has_botForwardedMessage, &wa_Message::botForwardedMessage},
    {&wa_Message::has_questionReplyMessage, &wa_Message::questionReplyMessage},
    {&wa_Message::has_newsletterAdminProfileMessage, &wa_Message::newsletterAdminProfileMessage},
    {&wa_Message::has_newsletterAdminProfileStatusMessage, &wa_Message::newsletterAdminProfileStatusMessage},
    {&wa_Message::has_botPlatformRegistrationSuccessMessage,
     &wa_Message::botPlatformRegistrationSuccessMessage},
};

const wa_Message* wrapped(const wa_Message& message) {
  if (message.has_deviceSentMessage) return message.deviceSentMessage.message.get();
  for (const auto& [is_there, part] : kWrapping)
    if (message.*is_there && (message.*part).message) return (message.*part).message.get();
  return nullptr;
}

void show(const Kind& kind, const wa_Message& message, Shown& shown) {
  if (kind.kept == nullptr) return kind.show(message, shown);
  shown.body = prose(*kind.kept(const_cast<wa_Message&>(message)), kind.texts);
}

Shown shown_innermost(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  Shown shown;
  if (const Kind* kind = kind_of(inner)) show(*kind, inner, shown);
  return shown;
}

std::unique_ptr<wa_Message> quoted_message(ByteView content) {
  if (content.empty()) return nullptr;
  auto decoded = wire::proto::decode<wa_Message>(content);
  if (!decoded) return nullptr;
  auto message = std::make_unique<wa_Message>(std::move(*decoded));
  message->has_messageContextInfo = false;
  if (const Kind* kind = kind_of(*message)) drop_context(*kind, *message);
  return message;
}

// Beside what stands there. False: there is no place for it.
bool add_context(wa_Message& message, const Framing& framing) {
  const Kind* kind = kind_of(message);
  if (kind == nullptr) return false;
  wa_ContextInfo context = take_context(*kind, message);
  if (framing.quote) {
    context.stanzaID = framing.quote->id;
    context.participant = framing.quote->author.text();
    context.quotedMessage = quoted_message(framing.quote->content);
  }
  for (const auto& jid : framing.mentions) context.mentionedJID.push_back(jid.without_device().text());
  // Baileys' mentionAll, which phones show as everybody.
  if (framing.mentions_all) context.has_nonJIDMentions = (context.nonJIDMentions = 1) != 0;
  put_timer(framing.timer, context);
  return put_context(*kind, message, std::move(context));
}

}  // namespace

Result<Bytes> framed(const Content& content, const Framing& framing) {
  Bytes out = content.message;
  const bool says_more = framing.quote || !framing.mentions.empty() || framing.mentions_all;
  if (says_more || framing.timer.seconds != 0) {
    PIGEOND_TRY(wa_Message message, wire::proto::decode<wa_Message>(content.message));
    if (add_context(message, framing))
      out = wire::proto::encode(message);
    else if (says_more)
      return fail(Cause::unsupported, "this kind of message can neither answer nor name anybody");
  }
  // What was nested as deep as can be read is one level too deep in a quote: it is quoted by id and author.
  if (framing.quote && !framing.quote->content.empty() && !wire::proto::decode<wa_Message>(out)) {
    Framing shallow = framing;
    shallow.quote->content.clear();
    return framed(content, shallow);
  }
  Bytes context = to_bytes(find_field(out, kContextInfo).value_or(ByteView()));
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
  if (find_field(message, kConversation)) return {};  // a text, as most are
  const auto decoded = wire::proto::decode<wa_Message>(message);
  const Kind* kind = decoded ? kind_of(*innermost(*decoded)) : nullptr;
  StanzaLook look;
  if (kind == nullptr) return look;
  look.type = kind->stanza_type;
  look.media_type = kind->media_type;
  look.business = kind->business;
  if (kind->look != nullptr) kind->look(*innermost(*decoded), look);
  return look;
}

bool is_visible(const wa_Message& message) {
  const Kind* kind = kind_of(*innermost(message));
  return kind != nullptr && kind->target == nullptr && !kind->silent;
}

std::optional<Timer> timer_of(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  const Kind* kind = kind_of(inner);
  const ContextRead context = kind != nullptr ? read_context(*kind, inner) : ContextRead();
  if (!context || !context->has_expiration) return std::nullopt;
  return timer_in(*context);
}

bool is_about_another(const wa_Message& message) {
  const Kind* kind = kind_of(*innermost(message));
  return kind != nullptr && kind->target != nullptr;
}

Shown describe(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  Shown shown;
  shown.type = "unknown";
  const Kind* kind = kind_of(inner);
  if (kind == nullptr) return shown;
  shown.type = kind->type;
  show(*kind, inner, shown);
  const ContextRead context = read_context(*kind, inner);
  if (!context) return shown;
  for (const auto& text : context->mentionedJID)
    if (auto jid = wire::parse_jid(text)) shown.mentions.push_back(*jid);
  shown.referral = referral_in(*context);
  // Who taps an advertisement may send nothing but that.
  if (shown.referral && shown.body.empty() && !shown.has_media) shown.body = shown.referral->title;
  if (context->stanzaID.empty()) return shown;
  QuotedMessage quoted;
  quoted.id = context->stanzaID;
  quoted.participant = wire::parse_jid(context->participant).value_or(wire::Jid{}).without_device();
  if (context->quotedMessage) {
    Shown said = shown_innermost(*context->quotedMessage);
    quoted.body = std::move(said.body);
    quoted.has_media = said.has_media;
  }
  shown.quoted = std::move(quoted);
  return shown;
}

Shown describe(const Content& content) {
  const auto message = wire::proto::decode<wa_Message>(content.message);
  return message ? describe(*message) : describe(wa_Message{});
}

}  // namespace pigeond::engine
