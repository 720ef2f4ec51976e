#include "api/waha/events.h"

#include "api/json_text.h"
#include "api/waha/groups/events.h"
#include "api/waha/ids.h"
#include "api/waha/names.h"
#include "api/waha/people/shapes.h"
#include "api/waha/shapes.h"
#include "base/text.h"
#include "net/http/head.h"

namespace pigeond::api::waha {
namespace {

constexpr std::string_view kOwnHeaders = "X-Webhook-";

void member_or_null(JsonText& out, std::string_view name, const std::string& text) {
  out.name(name);
  text.empty() ? out.null() : out.string(text);
}

const char* unread_name(engine::Unread unread) {
  switch (unread) {
    case engine::Unread::no:
      return "";
    case engine::Unread::no_content:
      return "no_content";
    case engine::Unread::view_once:
      return "view_once";
    case engine::Unread::undecryptable:
      return "undecryptable";
  }
  return "";
}

std::string own_id(const gateway::EventSession& session) {
  return session.me ? chat_id(session.me->pn) : std::string();
}

bool names_its_author(const wire::Jid& chat) {
  return chat.is_group() || chat.is_broadcast();
}

// Both forms of an address, each only where it is known.
void member_forms(JsonText& out, const char* pn_name, const char* lid_name, const wire::Jid& pn,
                  const wire::Jid& lid) {
  member_or_null(out, pn_name, pn.empty() ? std::string() : chat_id(pn));
  member_or_null(out, lid_name, lid.empty() ? std::string() : chat_id(lid));
}

template <typename Shape, typename X>
void member_in(JsonText& out, std::string_view name, const X& object) {
  out.name(name);
  schema::write<Shape>(out, object);
}

// An event as it is told: of whom, with which addresses of files, and when.
struct Telling {
  const gateway::EventSession& session;
  const MediaLinks* links;  // nullptr: files have none
  Millis at;                // wall, of the event

  operator const gateway::EventSession&() const { return session; }
};

// The file is fetched when somebody asks for it.
void media(JsonText& out, const Telling& telling, const engine::MessageEvent& message,
           const std::string& id) {
  out.name("media");
  if (!message.has_media) return out.null();
  std::string url;
  if (telling.links != nullptr)
    url = telling.links->url(telling.session.name,
                             id + "." + file_extension(message.mimetype, message.filename), telling.at);
  out.begin_object();
  member_or_null(out, "url", url);
  member_or_null(out, "mimetype", message.mimetype);
  member_or_null(out, "filename", message.filename);
  member_or_null(out, "error", {});
  out.end_object();
  member_or_null(out, "mediaUrl", url);  // as WAHA named it before, and most clients read it
}

void message_data(JsonText& out, const engine::MessageEvent& message) {
  out.name("_data");
  out.begin_object();
  out.member("id", message.id);
  out.member("type", message.type);
  out.member("notifyName", message.push_name);
  member_forms(out, "pn", "lid", message.chat_pn, message.chat_lid);
  member_forms(out, "senderPn", "senderLid", message.sender_pn, message.sender_lid);
  out.member("senderDevice", message.sender.device);
  out.member("offline", message.offline);
  out.end_object();
}

// Who wrote it, where the chat does not say so; empty: it does.
template <typename Message>
std::string participant_of(const Message& message) {
  if (!names_its_author(message.chat)) return {};
  return chat_id(message.sender_pn, message.sender_lid, message.sender);
}

std::string id_of(const engine::MessageEvent& message) {
  return message_id(message.from_me, chat_id(message.chat_pn, message.chat_lid, message.chat), message.id,
                    participant_of(message));
}

// Who says it, where and when.
void head(JsonText& out, const gateway::EventSession& session, const engine::MessageEvent& message) {
  const auto chat = chat_id(message.chat_pn, message.chat_lid, message.chat);
  const auto me_id = own_id(session);
  const auto participant = participant_of(message);
  out.member("id", id_of(message));
  out.member("timestamp", message.timestamp);
  out.member("from", message.from_me ? me_id : chat);
  out.member("fromMe", message.from_me);
  out.member("source", message.from_api ? "api" : "app");
  out.member("to", message.from_me ? chat : me_id);
  member_or_null(out, "participant", participant);
}

void payload(JsonText& out, const Telling& telling, const engine::MessageEvent& message) {
  head(out, telling, message);
  out.member("body", message.body);
  out.member("hasMedia", message.has_media);
  media(out, telling, message, id_of(message));
  out.member("ack", message.ack);
  out.member("ackName", ack_name(message.ack));
  out.name("replyTo");
  message.quoted ? schema::write<ReplyShape>(out, *message.quoted) : out.null();
  if (message.location) member_in<PlaceShape>(out, "location", *message.location);
  if (!message.vcards.empty()) {
    out.name("vCards");
    out.begin_array();
    for (const auto& card : message.vcards) out.string(card);
    out.end_array();
  }
  if (message.referral) member_in<ReferralShape>(out, "referral", *message.referral);
  if (!message.mentions.empty()) {
    out.name("mentionedIds");
    out.begin_array();
    for (const auto& mention : message.mentions) out.string(chat_id(mention));
    out.end_array();
  }
  if (message.unread != engine::Unread::no) out.member("reason", unread_name(message.unread));
  message_data(out, message);
}

std::string target_id(const engine::MessageName& target, const std::string& me_id) {
  std::string author;
  if (names_its_author(target.chat)) {
    author = chat_id(target.author_pn, target.author_lid, target.author);
    if (author.empty() && target.from_me) author = me_id;
  }
  return message_id(target.from_me, chat_id(target.chat), target.id, author);
}

// {id, to, from, fromMe, participant} of the message that another one is about.
void target_members(JsonText& out, const engine::MessageName& target, const std::string& me_id) {
  const auto chat = chat_id(target.chat);
  out.member("id", target_id(target, me_id));
  out.member("to", target.from_me ? chat : me_id);
  out.member("from", target.from_me ? me_id : chat);
  out.member("fromMe", target.from_me);
  if (names_its_author(target.chat))
    member_or_null(out, "participant", chat_id(target.author_pn, target.author_lid, target.author));
}

const char* answer_name(engine::AboutEvent::Answer answer) {
  using Answer = engine::AboutEvent::Answer;
  switch (answer) {
    case Answer::unknown:
      return "UNKNOWN";
    case Answer::going:
      return "GOING";
    case Answer::not_going:
      return "NOT_GOING";
    case Answer::maybe:
      return "MAYBE";
  }
  return "UNKNOWN";
}

void reaction(JsonText& out, const gateway::EventSession& session, const engine::AboutEvent& about) {
  head(out, session, about.by);
  out.name("reaction");
  out.begin_object();
  out.member("text", about.by.body);
  out.member("messageId", target_id(about.target, own_id(session)));
  out.end_object();
  message_data(out, about.by);
}

void revoked(JsonText& out, const Telling& telling, const engine::AboutEvent& about) {
  out.name("after");
  out.begin_object();
  payload(out, telling, about.by);
  out.end_object();
  out.name("before");
  if (about.before) {
    out.begin_object();
    payload(out, telling, *about.before);
    out.end_object();
  } else {
    out.null();
  }
  out.member("revokedMessageId", about.target.id);
  message_data(out, about.by);
}

void vote(JsonText& out, const gateway::EventSession& session, const engine::AboutEvent& about) {
  const auto& by = about.by;
  const auto chat = chat_id(by.chat_pn, by.chat_lid, by.chat);
  const auto me_id = own_id(session);
  const auto participant = participant_of(by);
  out.name("vote");
  out.begin_object();
  out.member("id", message_id(by.from_me, chat, by.id, participant));
  out.name("selectedOptions");
  out.begin_array();
  for (const auto& option : about.options) out.string(option);
  out.end_array();
  out.member("timestamp", by.timestamp);
  out.member("from", by.from_me ? me_id : chat);
  out.member("to", by.from_me ? chat : me_id);
  out.member("fromMe", by.from_me);
  if (!participant.empty()) out.member("participant", participant);
  out.end_object();
  out.name("poll");
  out.begin_object();
  target_members(out, about.target, me_id);
  out.end_object();
  message_data(out, by);
}

void response(JsonText& out, const Telling& telling, const engine::AboutEvent& about) {
  payload(out, telling, about.by);
  out.name("eventCreationKey");
  out.begin_object();
  target_members(out, about.target, own_id(telling));
  out.end_object();
  out.name("eventResponse");
  if (about.unread) return out.null();
  out.begin_object();
  out.member("response", answer_name(about.answer));
  out.member("timestampMs", about.sent);
  out.member("extraGuestCount", about.guests);
  out.end_object();
}

void payload(JsonText& out, const Telling& telling, const engine::AboutEvent& about) {
  using What = engine::AboutEvent::What;
  switch (about.what) {
    case What::reaction:
      return reaction(out, telling, about);
    case What::edited:
      payload(out, telling, about.by);
      out.member("editedMessageId", about.target.id);
      return;
    case What::revoked:
      return revoked(out, telling, about);
    case What::vote:
      return vote(out, telling, about);
    case What::response:
      return response(out, telling, about);
  }
}

void payload(JsonText& out, const gateway::EventSession& session, const engine::AckEvent& ack) {
  const auto chat = chat_id(ack.chat_pn, ack.chat_lid, ack.chat);
  const auto me_id = own_id(session);
  const bool author = names_its_author(ack.chat);
  const auto participant = author && !ack.participant.empty() ? chat_id(ack.participant) : std::string();
  out.member("id", message_id(ack.from_me, chat_id(ack.told_chat), ack.id,
                              author && ack.from_me ? me_id : std::string()));
  out.member("from", ack.from_me ? me_id : chat);
  out.member("to", ack.from_me ? chat : me_id);
  member_or_null(out, "participant", participant);
  out.member("fromMe", ack.from_me);
  out.member("ack", ack.ack);
  out.member("ackName", ack_name(ack.ack));
  out.name("_data");
  out.begin_object();
  out.member("id", ack.id);
  member_forms(out, "pn", "lid", ack.chat_pn, ack.chat_lid);
  out.member("timestamp", ack.timestamp);
  out.end_object();
  if (ack.cause) member_in<CauseShape>(out, "cause", *ack.cause);
}

// Programs get what the protocol's own decoders can read.
void payload(JsonText& out, const gateway::EventSession&, const engine::RawPartEvent& part) {
  const auto chat = chat_id(part.chat_pn, part.chat_lid, part.chat);
  const auto participant = participant_of(part);
  out.member("event", part.part);
  out.name("data");
  out.begin_object();
  out.member("id", message_id(part.from_me, chat, part.id, participant));
  out.member("chatId", chat);
  member_or_null(out, "participant", participant);
  out.member("fromMe", part.from_me);
  out.member("timestamp", part.timestamp);
  out.member("size", part.size);
  member_or_null(out, "message", part.message.empty() ? std::string() : base64(part.message));
  out.end_object();
}

void payload(JsonText& out, const gateway::EventSession&, const engine::CallEvent& call) {
  out.member("id", call.id);
  out.member("from", chat_id(call.chat_pn, call.chat_lid, call.chat));
  out.member("timestamp", call.timestamp);
  out.member("isVideo", call.video);
  out.member("isGroup", call.group);
  out.name("_data");
  out.begin_object();
  member_forms(out, "pn", "lid", call.chat_pn, call.chat_lid);
  out.member("offline", call.missed);
  out.end_object();
}

void payload(JsonText& out, const gateway::EventSession&, const engine::PresenceEvent& presence) {
  out.member("id", chat_id(presence.chat_pn, presence.chat_lid, presence.chat));
  out.name("presences");
  out.begin_array();
  schema::write<PresentShape>(
      out, {presence.who, presence.who_pn, presence.who_lid, presence.showing, presence.last_seen});
  out.end_array();
  out.name("_data");
  out.begin_object();
  member_forms(out, "pn", "lid", presence.chat_pn, presence.chat_lid);
  out.end_object();
}

void payload(JsonText& out, const gateway::EventSession&, const engine::IdentityEvent& identity) {
  member_forms(out, "pn", "lid", identity.pn, identity.lid);
  out.member("timestamp", identity.timestamp);
  if (identity.what != engine::IdentityEvent::What::moved) return;
  out.name("former");
  out.begin_object();
  member_forms(out, "pn", "lid", identity.former_pn, identity.former_lid);
  out.end_object();
}

// What is told with a status as new; at most one of them.
void news(JsonText& out, const gateway::StatusChange& change) {
  if (change.departure) return schema::write<DepartureShape>(out, *change.departure);
  if (change.status == gateway::SessionStatus::passkey) {
    const Json options = Json::parse(change.asked, nullptr, false);
    return options.is_object() ? schema::write<PasskeyOptionsShape>(out, options) : out.null();
  }
  if (change.status == gateway::SessionStatus::comparison) {
    out.begin_object();
    out.member("code", change.asked);
    return out.end_object();
  }
  if (!change.timelock && !change.capping) return out.null();
  out.begin_object();
  if (change.timelock) member_in<TimelockShape>(out, "reachoutTimelock", *change.timelock);
  if (change.capping) member_in<CappingShape>(out, "messageCapping", *change.capping);
  out.end_object();
}

void payload(JsonText& out, const gateway::EventSession& session, const gateway::StatusChange& change) {
  out.member("name", session.name);
  out.member("status", status_name(change.status));
  out.name("statuses");
  out.begin_array();
  for (const auto& [status, at] : change.recent) {
    out.begin_object();
    out.member("status", status_name(status));
    out.member("timestamp", at);
    out.end_object();
  }
  out.end_array();
  out.name("data");
  news(out, change);
  if (change.cause) member_in<CauseShape>(out, "cause", *change.cause);
}

}  // namespace

Events::Headers Events::headers(const gateway::RequestMark& mark) const {
  Headers out = {{"X-Webhook-Request-Id", mark.id},
                 {"X-Webhook-Timestamp", std::to_string(mark.created_ms)},
                 {"X-Webhook-Attempt", std::to_string(mark.attempt)}};
  if (mark.hmac.empty()) return out;
  out.emplace_back("X-Webhook-Hmac", mark.hmac);
  out.emplace_back("X-Webhook-Hmac-Algorithm", "sha512");
  return out;
}

bool Events::is_own_header(std::string_view name) const {
  return net::equal_ignoring_case(name.substr(0, kOwnHeaders.size()), kOwnHeaders);
}

std::string Events::format(const gateway::EventSession& session, const gateway::Event& event) const {
  JsonText out;
  out.begin_object();
  out.member("id", event.id);
  out.member("timestamp", event.timestamp);
  out.member("event", event_name(event.topic));
  out.member("session", session.name);
  out.member("metadata", session.metadata);
  out.name("me");
  session.me ? schema::write<MeShape>(out, *session.me) : out.null();
  out.name("payload");
  out.begin_object();
  std::visit(
      [&]<typename Told>(const Told& told) {
        if constexpr (std::is_same_v<Told, engine::GroupEvent>)
          group_payload(out, event.topic, told);
        else
          payload(out, Telling{session, links_.get(), event.timestamp}, told);
      },
      event.payload);
  out.end_object();
  out.member("engine", kEngine);
  member_in<EnvironmentShape>(out, "environment", session.version);
  out.end_object();
  return out.take();
}

}  // namespace pigeond::api::waha
