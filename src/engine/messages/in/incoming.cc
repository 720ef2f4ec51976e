#include "engine/messages/in/incoming.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "engine/messages/about/hearing.h"
#include "engine/messages/in/protocol_messages.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reading/parts.h"
#include "engine/messages/kinds/timer.h"
#include "engine/messages/retry/retry_out.h"

namespace pigeond::engine {
namespace {

constexpr const char* kByAdmin = "8";  // the attribute `edit`: what is done to a message of somebody else
constexpr int kReadAck = 3;
constexpr std::size_t kEncs = 8;  // of one stanza; two occur
constexpr std::uint32_t kDeviceSent = 31, kContextInfo = 35, kInnerMessage = 2;

// The inner message of a device-sent one, with the outer context where the inner has none.
Bytes unwrapped(ByteView message) {
  const auto wrapper = find_field(message, kDeviceSent);
  const auto inner = wrapper ? find_field(*wrapper, kInnerMessage) : std::nullopt;
  if (!inner) return {};
  Bytes out = to_bytes(*inner);
  const auto context = find_field(message, kContextInfo);
  if (context && !find_field(*inner, kContextInfo)) append_field(out, kContextInfo, *context);
  return out;
}

bool is_direct(const wire::Node& enc) {
  return enc.is("type", "msg") || enc.is("type", "pkmsg");
}

// The service goes on delivering a copy of our own message until that has its receipt, whether it could be
// read or not; an ack does not count (whatsapp-rust 7fbf220c).
bool is_own_copy(const wire::Node& message, const Source& source) {
  return source.from_me && !source.peer && source.chat.is_user() && message.has("recipient");
}

// Its sender wants no place held for it: a reaction, an edit.
bool is_hidden(const wire::Node& message) {
  bool hidden = false;
  message.each("enc", [&](const wire::Node& enc) { hidden = hidden || enc.is("decrypt-fail", "hide"); });
  return hidden;
}

}  // namespace

void Incoming::handle(const wire::Node& message) {
  auto read = read_source(desk_, message);
  if (!read) {
    log::warning("message_malformed",
                 {{"session", desk_.context.session_name}, {"detail", read.error().detail}});
    return desk_.stanzas.send(ack_of(desk_, message, Nack::parsing));
  }
  Source& source = *read;
  if (stored_before(source)) return settle(message, source);
  if (source.chat.is_newsletter() || message.is("type", "medianotify"))
    return desk_.stanzas.send(ack_of(desk_, message));
  if (message.child("enc") == nullptr) return unavailable(message, source);
  Outcome outcome;
  decrypt_all(message, source, outcome);
  if (outcome.content) {
    const wa_Message& inner = *innermost(*outcome.content);
    if (inner.has_protocolMessage) {
      handle_protocol_message(desk_, source, inner.protocolMessage);
      take_resent(source, inner.protocolMessage);
    }
    // Of what can't be read, a key that came along is no content.
    const bool whole = !outcome.failure || is_visible(*outcome.content) || is_about_another(*outcome.content);
    if (!source.peer && whole)
      take_content(source, message.attr("notify"), *outcome.content, std::move(outcome.raw));
  }
  answer(message, source, outcome);
}

void Incoming::decrypt_all(const wire::Node& message, Source& source, Outcome& outcome) {
  std::vector<const wire::Node*> encs;
  message.each("enc", [&](const wire::Node& enc) {
    if (encs.size() < kEncs) encs.push_back(&enc);
  });
  const bool has_direct =
      std::any_of(encs.begin(), encs.end(), [](const auto* enc) { return is_direct(*enc); });
  for (const auto* enc : encs) {
    // One request brings all parts of the stanza again.
    if (enc->is("type", "skmsg") && outcome.failure) break;
    decrypt_one(*enc, source, has_direct, outcome);
  }
}

void Incoming::decrypt_one(const wire::Node& enc, Source& source, bool has_direct, Outcome& outcome) {
  const std::string type = enc.attr("type");
  outcome.resend = std::max(outcome.resend,
                            static_cast<int>(std::min<std::uint64_t>(enc.number("count").value_or(0), 99)));
  Result<Bytes> plaintext = fail(Cause::unsupported);
  if (is_direct(enc)) {
    const auto kind = type == "pkmsg" ? signal::Kind::pkmsg : signal::Kind::msg;
    plaintext = desk_.ciphers.decrypt(source.sender, kind, enc.bytes());
  } else if (type == "skmsg") {
    plaintext = desk_.ciphers.decrypt_group(source.chat, source.sender, enc.bytes());
    outcome.skmsg_failed = !plaintext && !has_direct;
  } else {
    if (type == "msmsg") outcome.nack = Nack::missing_message_secret;
    return;
  }
  // Read before, though the id is new: either this stanza comes again after a lost link and held nothing to
  // keep, or its sender used a message key twice (Baileys does, when a send and a receive overlap) and the
  // text would be lost. Of what is ignored nothing would be, and no row says whether it had come before.
  const bool again = source.offline || source.peer || desk_.context.ignored.cover(source.chat);
  if (!plaintext && plaintext.cause() == Cause::duplicate_message && again) {
    outcome.read = true;
    return;
  }
  if (!plaintext) {
    outcome.failure = plaintext.cause();
    log::warning("undecryptable", {{"session", desk_.context.session_name},
                                   {"id", source.id},
                                   {"from", source.sender.text()},
                                   {"enc", type},
                                   {"cause", std::string(cause_name(plaintext.cause()))}});
    return;
  }
  const auto message = unpadded(*plaintext);
  if (!message) {
    outcome.failure = Cause::malformed;
    return;
  }
  take(*message, source, outcome);
}

void Incoming::take(ByteView plaintext, Source& source, Outcome& outcome) {
  auto decoded = wire::proto::decode<wa_Message>(plaintext);
  if (!decoded) {
    outcome.nack = Nack::invalid_protobuf;
    return;
  }
  outcome.read = true;
  auto message = std::make_unique<wa_Message>(std::move(*decoded));
  Bytes raw = to_bytes(plaintext);
  if (message->has_deviceSentMessage) {
    if (!source.from_me || !message->deviceSentMessage.message) {
      log::warning("device_sent_refused",
                   {{"session", desk_.context.session_name}, {"from", source.sender.text()}});
      return;
    }
    const auto destination = wire::parse_jid(message->deviceSentMessage.destinationJID);
    if (!source.chat_known && destination) {
      source.chat = destination->without_device();
      source.chat_known = true;
    }
    raw = unwrapped(plaintext);
    auto inner = std::move(message->deviceSentMessage.message);
    if (!inner->has_messageContextInfo && message->has_messageContextInfo) {
      inner->has_messageContextInfo = true;
      inner->messageContextInfo = std::move(message->messageContextInfo);
    }
    message = std::move(inner);
  }
  take_sender_key(*message, source);
  const auto says = [](const wa_Message& each) { return is_visible(each) || is_about_another(each); };
  if (outcome.content && says(*outcome.content) && !says(*message)) return;
  outcome.content = std::move(message);
  outcome.raw = std::move(raw);
}

// A failure does not fail the message: its text may be readable all the same.
void Incoming::take_sender_key(const wa_Message& message, const Source& source) {
  if (!message.has_senderKeyDistributionMessage || !(source.chat.is_group() || source.chat.is_broadcast()))
    return;
  const Bytes& distribution = message.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage;
  const Status done = desk_.ciphers.take_sender_key(source.chat, source.sender, distribution);
  if (!done)
    log::warning("sender_key_refused", {{"session", desk_.context.session_name},
                                        {"from", source.sender.text()},
                                        {"cause", std::string(cause_name(done.cause()))}});
}

bool Incoming::stored_before(const Source& source) {
  for (const auto& row : desk_.messages.heads(source.id)) {
    if (row.from_me != source.from_me || !desk_.lids.same_user(row.sender, source.sender)) continue;
    if (!source.chat_known || row.chat == source.chat || desk_.lids.same_user(row.chat, source.chat))
      return true;
  }
  return false;
}

// Without a content: <unavailable/> says why, or nothing does. Of a view-once message, a bot's and one of a
// hosted chat the phone gives none away (whatsapp-rust src/message/receive.rs; Baileys knows them by the
// second kind of name).
void Incoming::unavailable(const wire::Node& message, const Source& source) {
  const wire::Node* node = message.child("unavailable");
  const std::string type = node != nullptr ? node->attr("type") : std::string();
  const bool view_once = type.starts_with("view_once");
  const bool hosted = node != nullptr && (node->is("hosted", "true") || node->is("hosted", "1"));
  const bool kept = view_once || hosted || type.starts_with("hosted") || type.starts_with("bot") ||
                    message.child("bot") != nullptr;
  await(message, source, view_once ? Unread::view_once : Unread::no_content,
        kept ? std::nullopt : std::optional(Placeholders::kAtOnce));
  desk_.stanzas.send(is_own_copy(message, source) ? receipt_of(message, source) : ack_of(desk_, message));
}

// Told once, however often it comes so.
void Incoming::await(const wire::Node& message, const Source& source, Unread why,
                     std::optional<Millis> patience) {
  if (desk_.context.ignored.cover(source.chat)) return;
  if (!placeholders_.note(source, message.attr("notify"), patience) || is_hidden(message)) return;
  MessageEvent event = event_of(source, message.attr("notify"));
  event.type = "unknown";
  event.unread = why;
  desk_.context.emit(std::move(event));
}

// What the phone has of messages that are awaited. Of what is no message for people, nothing is left to do.
void Incoming::take_resent(const Source& source, const wa_ProtocolMessage& message) {
  if (!message.has_peerDataOperationRequestResponseMessage) return;
  for (auto& resent : placeholders_.answered(source, message.peerDataOperationRequestResponseMessage)) {
    placeholders_.came(resent.source);
    if (stored_before(resent.source)) continue;
    take_content(resent.source, resent.push_name, *resent.content, std::move(resent.raw));
  }
}

MessageEvent Incoming::event_of(const Source& source, const std::string& push_name) {
  MessageEvent event;
  set_place(desk_, event, source.chat, source.sender);
  event.id = source.id;
  event.from_me = source.from_me;
  event.offline = source.offline;
  event.timestamp = source.timestamp;
  event.push_name = push_name;
  event.ack = source.from_me ? 1 : 2;
  return event;
}

// Whoever is in a direct chat may set its timer; of a group its admins do, and its metadata says so.
void Incoming::take_timer(const Source& source, const wa_Message& content) {
  if (!source.chat.is_user() || !source.chat_known) return;
  if (const auto set = timer_set_by(content)) {
    desk_.timers.set(source.chat, *set, source.timestamp);
  } else if (const auto named = timer_of(content)) {
    desk_.timers.seen(source.chat, *named, source.timestamp);
  }
}

// Told, and not kept: nobody can answer to it.
void Incoming::show_raw(const Source& source, Bytes raw) {
  std::string part = raw_part_of(raw);
  if (part.empty() || desk_.context.ignored.cover(source.chat)) return;
  RawPartEvent event;
  set_place(desk_, event, source.chat, source.sender);
  event.part = std::move(part);
  event.id = source.id;
  event.from_me = source.from_me;
  event.timestamp = source.timestamp;
  event.size = raw.size();
  if (raw.size() <= limits::kRawPart) event.message = std::move(raw);
  desk_.context.emit(std::move(event));
}

void Incoming::take_content(const Source& source, const std::string& push_name, const wa_Message& content,
                            Bytes raw) {
  take_timer(source, content);
  const bool about = is_about_another(content);
  if (!about && !is_visible(content)) return show_raw(source, std::move(raw));
  placeholders_.came(source);
  if (desk_.context.ignored.cover(source.chat)) return;
  if (about) return take_about(source, push_name, content, std::move(raw));
  store_and_show(source, push_name, content, std::move(raw));
}

// It is a row as well, so that it is told once, however often it comes.
void Incoming::take_about(const Source& source, const std::string& push_name, const wa_Message& content,
                          Bytes raw) {
  const Said said{source.chat, source.sender, source.from_me, source.edit == kByAdmin};
  if (auto comment = opened_comment(desk_, said, content)) {
    const auto says =
        *comment ? wire::proto::decode<wa_Message>(**comment) : Result<wa_Message>(comment->error());
    if (says) return store_and_show(source, push_name, *says, std::move(**comment));
    return take_unread_comment(source, push_name, content, std::move(raw), says.error());
  }
  const Heard heard = hear(desk_, said, event_of(source, push_name), content);
  store::MessageRow row = row_of(source, std::move(raw));
  row.type = kind_of(*innermost(content))->type;
  row.ack = source.from_me ? 1 : kReadAck;  // nobody marks it as read by itself
  desk_.messages.insert(row);
  apply(desk_, heard);
  if (heard.event) desk_.context.emit(*heard.event);
}

// A comment is a message for people: it is told as one that can't be read, beside the one that it is about.
// Nobody has more of it later, so that nothing awaits it.
void Incoming::take_unread_comment(const Source& source, const std::string& push_name,
                                   const wa_Message& content, Bytes raw, const Error& why) {
  log::warning("comment_unreadable", {{"session", desk_.context.session_name},
                                      {"from", source.sender.text()},
                                      {"id", source.id},
                                      {"cause", std::string(cause_name(why.cause))}});
  store::MessageRow row = row_of(source, std::move(raw));
  row.type = "comment";
  row.ack = source.from_me ? 1 : kReadAck;
  desk_.messages.insert(row);
  MessageEvent event = event_of(source, push_name);
  event.type = "unknown";
  event.unread = Unread::undecryptable;
  const auto& key = innermost(content)->encCommentMessage.targetMessageKey;
  if (!key.id.empty()) {
    QuotedMessage about;
    about.id = key.id;
    about.participant = wire::parse_jid(key.participant).value_or(wire::Jid{}).without_device();
    event.quoted = std::move(about);
  }
  desk_.context.emit(std::move(event));
}

store::MessageRow Incoming::row_of(const Source& source, Bytes raw) const {
  store::MessageRow row;
  row.id = source.id;
  row.chat = source.chat;
  row.sender = source.sender;
  row.from_me = source.from_me;
  row.timestamp = source.timestamp;
  row.content = std::move(raw);
  row.by_lid = forms_of(desk_, source.chat).shown.is_lid();
  return row;
}

void Incoming::store_and_show(const Source& source, const std::string& push_name, const wa_Message& content,
                              Bytes raw) {
  if (!source.from_me) desk_.names.heard(source.sender, push_name);
  MessageEvent event = event_of(source, push_name);
  static_cast<Shown&>(event) = describe(content);

  store::MessageRow row = row_of(source, std::move(raw));
  row.type = event.type;
  row.ack = event.ack;
  desk_.messages.insert(row);
  desk_.context.emit(std::move(event));
}

void Incoming::answer(const wire::Node& message, const Source& source, const Outcome& outcome) {
  if (outcome.failure) {
    const Cause cause = *outcome.failure;
    const bool with_keys =
        outcome.skmsg_failed || cause == Cause::no_session || cause == Cause::invalid_key_id;
    // Settled though it can't be read, and asked for once all the same.
    const bool own_copy = is_own_copy(message, source);
    if (!own_copy || desk_.retries.asked(source.chat, source.sender, source.id) == 0)
      ask_again(desk_, message, source, retry_reason(cause), with_keys, outcome.resend);
    if (!stored_before(source)) await(message, source, Unread::undecryptable, Placeholders::kAfterItsSender);
    return desk_.stanzas.send(own_copy ? receipt_of(message, source) : ack_of(desk_, message));
  }
  // What holds no part of a kind that is known is acknowledged, not refused: a refused message tells the
  // service that this client is broken (whatsapp-rust 219178ab).
  if (!outcome.read) {
    // What can't be parsed would be no other from the phone; secrets of bots it does not give away.
    if (outcome.nack != Nack::missing_message_secret)
      await(message, source, Unread::undecryptable,
            outcome.nack == Nack::none ? std::optional(Placeholders::kAtOnce) : std::nullopt);
    return desk_.stanzas.send(ack_of(desk_, message, outcome.nack));
  }
  placeholders_.came(source);
  if (outcome.resend > 0) desk_.retries.clear_asked(source.chat, source.sender, source.id);
  settle(message, source);
}

wire::Node Incoming::receipt_of(const wire::Node& message, const Source& source) const {
  return delivery_receipt(message, source, desk_.presence.available());
}

// A message is settled by its receipt; what came in another stanza is owed an ack beside that.
void Incoming::settle(const wire::Node& message, const Source& source) {
  if (message.tag != "message") desk_.stanzas.send(ack_of(desk_, message));
  desk_.stanzas.send(receipt_of(message, source));
}

}  // namespace pigeond::engine
