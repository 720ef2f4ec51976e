#include "gateway/events/payload.h"

#include <algorithm>

#include "event.pb.h"
#include "gateway/events/kinds.h"
#include "wire/proto.h"

namespace pigeond::gateway {
namespace {

// What is 0 is not written.
template <typename Number, typename Value>
void put(bool& has, Number& field, Value value) {
  has = value != Value{};
  field = static_cast<Number>(value);
}

// The order of SessionStatus is that of the numbers that are stored.
int number_of(SessionStatus status) {
  return static_cast<int>(status);
}

// A later version may have stored another one.
template <typename Enum>
Enum known_or(int number, Enum last, Enum otherwise) {
  return number >= 0 && number <= static_cast<int>(last) ? static_cast<Enum>(number) : otherwise;
}

SessionStatus status_of(int number) {
  return known_or(number, SessionStatus::comparison, SessionStatus::failed);
}

std::string text_of(const wire::Jid& jid) {
  return jid.empty() ? std::string() : jid.text();
}

wire::Jid jid_of(const std::string& text) {
  return wire::parse_jid(text).value_or(wire::Jid{});
}

// Chat and sender stand in events and in the journal by the same names.
template <typename Out, typename In>
void put_chat(Out& out, const In& in) {
  out.chat = text_of(in.chat);
  out.chat_pn = text_of(in.chat_pn);
  out.chat_lid = text_of(in.chat_lid);
}
template <typename In, typename Out>
void take_chat(const In& in, Out& out) {
  out.chat = jid_of(in.chat);
  out.chat_pn = jid_of(in.chat_pn);
  out.chat_lid = jid_of(in.chat_lid);
}
template <typename Out, typename In>
void put_sender(Out& out, const In& in) {
  out.sender = text_of(in.sender);
  out.sender_pn = text_of(in.sender_pn);
  out.sender_lid = text_of(in.sender_lid);
  put(out.has_from_me, out.from_me, in.from_me);
}
template <typename In, typename Out>
void take_sender(const In& in, Out& out) {
  out.sender = jid_of(in.sender);
  out.sender_pn = jid_of(in.sender_pn);
  out.sender_lid = jid_of(in.sender_lid);
  out.from_me = in.from_me;
}

// --- to bytes ---

journal_Timelock put(const store::ReachoutTimelock& timelock) {
  journal_Timelock out{};
  put(out.has_active, out.active, timelock.active);
  put(out.has_ends, out.ends, timelock.ends);
  out.type = timelock.type;
  return out;
}

journal_Capping put(const store::MessageCapping& capping) {
  journal_Capping out{};
  out.status = capping.status;
  put(out.has_total, out.total, capping.total);
  put(out.has_used, out.used, capping.used);
  put(out.has_cycle_start, out.cycle_start, capping.cycle_start);
  put(out.has_cycle_end, out.cycle_end, capping.cycle_end);
  out.mv_status = capping.mv_status;
  out.ote_status = capping.ote_status;
  return out;
}

journal_Fault put(const Error& error) {
  journal_Fault out{};
  out.cause = cause_name(error.cause);
  out.detail = error.detail;
  put(out.has_code, out.code, error.code);
  return out;
}

journal_Departure put(const Departure& departure) {
  journal_Departure out{};
  put(out.has_unlinked, out.unlinked, departure.unlinked);
  put(out.has_done, out.done, departure.done);
  if ((out.has_fault = departure.cause.has_value())) out.fault = put(*departure.cause);
  return out;
}

journal_Me put(const Me& me) {
  journal_Me out{};
  out.pn = text_of(me.pn);
  out.lid = text_of(me.lid);
  out.push_name = me.push_name;
  if ((out.has_timelock = me.timelock.has_value())) out.timelock = put(*me.timelock);
  if ((out.has_capping = me.capping.has_value())) out.capping = put(*me.capping);
  return out;
}

void put(journal_Event& event, const StatusChange& change) {
  journal_Status& out = event.status;
  event.has_status = true;
  put(out.has_status, out.status, number_of(change.status));
  const std::size_t most = std::size(out.recent);
  for (std::size_t i = change.recent.size() - std::min(change.recent.size(), most); i < change.recent.size();
       ++i) {
    auto& recent = out.recent[out.recent_count++];
    put(recent.has_status, recent.status, number_of(change.recent[i].first));
    put(recent.has_at, recent.at, change.recent[i].second);
  }
  if ((out.has_fault = change.cause.has_value())) out.fault = put(*change.cause);
  if ((out.has_timelock = change.timelock.has_value())) out.timelock = put(*change.timelock);
  if ((out.has_capping = change.capping.has_value())) out.capping = put(*change.capping);
  if ((out.has_departure = change.departure.has_value())) out.departure = put(*change.departure);
  out.asked = change.asked;
}

journal_Location put(const engine::Location& place) {
  journal_Location out{};
  put(out.has_latitude, out.latitude, place.latitude);
  put(out.has_longitude, out.longitude, place.longitude);
  put(out.has_live, out.live, place.live);
  out.name = place.name;
  out.address = place.address;
  out.url = place.url;
  out.comment = place.comment;
  return out;
}

journal_Referral put(const engine::Referral& referral) {
  journal_Referral out{};
  out.source_type = referral.source_type;
  out.source_id = referral.source_id;
  out.source_url = referral.source_url;
  out.title = referral.title;
  out.body = referral.body;
  out.media_url = referral.media_url;
  out.click_id = referral.click_id;
  out.ref = referral.ref;
  out.app = referral.app;
  return out;
}

void put(journal_Message& out, const engine::MessageEvent& message) {
  out.id = message.id;
  put_chat(out, message);
  put_sender(out, message);
  put(out.has_from_api, out.from_api, message.from_api);
  put(out.has_offline, out.offline, message.offline);
  put(out.has_timestamp, out.timestamp, message.timestamp);
  out.push_name = message.push_name;
  out.type = message.type;
  out.body = message.body;
  put(out.has_has_media, out.has_media, message.has_media);
  out.mimetype = message.mimetype;
  out.filename = message.filename;
  for (const auto& mention : message.mentions) out.mentions.push_back(text_of(mention));
  if ((out.has_quoted = message.quoted.has_value())) {
    out.quoted.id = message.quoted->id;
    out.quoted.participant = text_of(message.quoted->participant);
    out.quoted.body = message.quoted->body;
    put(out.has_quoted_media, out.quoted_media, message.quoted->has_media);
  }
  put(out.has_ack, out.ack, message.ack);
  if ((out.has_location = message.location.has_value())) out.location = put(*message.location);
  put(out.has_unread, out.unread, static_cast<int>(message.unread));
  out.vcards = message.vcards;
  if ((out.has_referral = message.referral.has_value())) out.referral = put(*message.referral);
}

void put(journal_Event& event, const engine::RawPartEvent& part) {
  journal_RawPart& out = event.raw_part;
  event.has_raw_part = true;
  out.part = part.part;
  out.id = part.id;
  put_chat(out, part);
  put_sender(out, part);
  put(out.has_timestamp, out.timestamp, part.timestamp);
  put(out.has_size, out.size, part.size);
  out.message = part.message;
}

void put(journal_Event& event, const engine::MessageEvent& message) {
  event.has_message = true;
  put(event.message, message);
}

journal_MessageName put(const engine::MessageName& name) {
  journal_MessageName out{};
  out.id = name.id;
  put(out.has_from_me, out.from_me, name.from_me);
  out.chat = text_of(name.chat);
  out.author = text_of(name.author);
  out.author_pn = text_of(name.author_pn);
  out.author_lid = text_of(name.author_lid);
  return out;
}

void put(journal_Event& event, const engine::AboutEvent& about) {
  put(event, about.by);
  event.has_about = event.about.has_target = true;
  event.about.target = put(about.target);
  event.about.options = about.options;
  put(event.about.has_answer, event.about.answer, static_cast<int>(about.answer));
  put(event.about.has_guests, event.about.guests, about.guests);
  put(event.about.has_sent, event.about.sent, about.sent);
  if ((event.has_before = about.before != nullptr)) put(event.before, *about.before);
}

void put(journal_Event& event, const engine::AckEvent& ack) {
  journal_Ack& out = event.ack;
  event.has_ack = true;
  out.id = ack.id;
  put_chat(out, ack);
  out.participant = text_of(ack.participant);
  put(out.has_from_me, out.from_me, ack.from_me);
  put(out.has_ack, out.ack, ack.ack);
  put(out.has_timestamp, out.timestamp, ack.timestamp);
  if ((out.has_fault = ack.cause.has_value())) out.fault = put(*ack.cause);
  if (!(ack.told_chat == ack.chat)) out.told_chat = text_of(ack.told_chat);
}

void put(journal_Event& event, const engine::CallEvent& call) {
  journal_Call& out = event.call;
  event.has_call = true;
  out.id = call.id;
  put_chat(out, call);
  put(out.has_video, out.video, call.video);
  put(out.has_group, out.group, call.group);
  put(out.has_missed, out.missed, call.missed);
  put(out.has_timestamp, out.timestamp, call.timestamp);
}

// Which facts are there, as Group.facts has them.
enum GroupFact {
  kSubject = 1,
  kDescription = 2,
  kInvite = 4,
  kAnnounce = 8,
  kLocked = 16,
  kAdminsAdd = 32,
  kApproval = 64,
  kEphemeral = 128
};

void put(journal_Event& event, const engine::GroupEvent& group) {
  journal_Group& out = event.group;
  event.has_group = true;
  put(out.has_what, out.what, static_cast<int>(group.what));
  out.group = text_of(group.group);
  put(out.has_timestamp, out.timestamp, group.timestamp);
  out.by = text_of(group.by);
  out.by_other = text_of(group.by_other);
  out.reason = group.reason;
  for (const auto& member : group.members) {
    out.members.push_back(text_of(member.jid));
    out.members.push_back(text_of(member.other));
    out.members.push_back(std::to_string(static_cast<int>(member.rank)));
  }
  put(out.has_more, out.more, static_cast<std::int64_t>(group.more));
  int facts = 0;
  const auto fact = [&facts](int bit, const auto& value, auto& field) {
    if (!value) return;
    facts |= bit;
    field = *value;
  };
  fact(kSubject, group.subject, out.subject);
  fact(kDescription, group.description, out.description);
  fact(kInvite, group.invite, out.invite);
  fact(kAnnounce, group.announce, out.announce);
  fact(kLocked, group.locked, out.locked);
  fact(kAdminsAdd, group.admins_add, out.admins_add);
  fact(kApproval, group.approval, out.approval);
  fact(kEphemeral, group.ephemeral, out.ephemeral);
  out.has_announce = out.announce;
  out.has_locked = out.locked;
  out.has_admins_add = out.admins_add;
  out.has_approval = out.approval;
  out.has_ephemeral = out.ephemeral != 0;
  put(out.has_facts, out.facts, facts);
}

void put(journal_Event& event, const engine::PresenceEvent& presence) {
  journal_Presence& out = event.presence;
  event.has_presence = true;
  put_chat(out, presence);
  if (!(presence.who == presence.chat)) {
    out.who = text_of(presence.who);
    out.who_pn = text_of(presence.who_pn);
    out.who_lid = text_of(presence.who_lid);
  }
  put(out.has_showing, out.showing, static_cast<int>(presence.showing));
  out.has_last_seen = presence.last_seen.has_value();
  out.last_seen = presence.last_seen.value_or(0);
}

void put(journal_Event& event, const engine::IdentityEvent& identity) {
  journal_Identity& out = event.identity;
  event.has_identity = true;
  out.pn = text_of(identity.pn);
  out.lid = text_of(identity.lid);
  out.former_pn = text_of(identity.former_pn);
  out.former_lid = text_of(identity.former_lid);
  put(out.has_timestamp, out.timestamp, identity.timestamp);
}

// --- and back ---

store::ReachoutTimelock take(const journal_Timelock& in) {
  return {in.active, in.ends, in.type};
}

store::MessageCapping take(const journal_Capping& in) {
  return {in.status, in.total, in.used, in.cycle_start, in.cycle_end, in.mv_status, in.ote_status};
}

Error take(const journal_Fault& in) {
  return fail(cause_named(in.cause), in.detail, in.code);
}

Departure take(const journal_Departure& in) {
  Departure out{in.unlinked, in.done, std::nullopt};
  if (in.has_fault) out.cause = take(in.fault);
  return out;
}

Me take(const journal_Me& in) {
  Me out{jid_of(in.pn), jid_of(in.lid), in.push_name, {}, {}};
  if (in.has_timelock) out.timelock = take(in.timelock);
  if (in.has_capping) out.capping = take(in.capping);
  return out;
}

StatusChange take(const journal_Status& in) {
  StatusChange out;
  out.status = status_of(in.status);
  for (pb_size_t i = 0; i < in.recent_count; ++i)
    out.recent.emplace_back(status_of(in.recent[i].status), in.recent[i].at);
  if (in.has_fault) out.cause = take(in.fault);
  if (in.has_timelock) out.timelock = take(in.timelock);
  if (in.has_capping) out.capping = take(in.capping);
  if (in.has_departure) out.departure = take(in.departure);
  out.asked = in.asked;
  return out;
}

engine::Location take(const journal_Location& in) {
  return {in.latitude, in.longitude, in.live, in.name, in.address, in.url, in.comment};
}

engine::Referral take(const journal_Referral& in) {
  return {in.source_type, in.source_id, in.source_url, in.title, in.body,
          in.media_url,   in.click_id,  in.ref,        in.app};
}

engine::MessageEvent take(journal_Message& in) {
  engine::MessageEvent out;
  out.id = std::move(in.id);
  take_chat(in, out);
  take_sender(in, out);
  out.from_api = in.from_api;
  out.offline = in.offline;
  out.timestamp = in.timestamp;
  out.push_name = std::move(in.push_name);
  out.type = std::move(in.type);
  out.body = std::move(in.body);
  out.has_media = in.has_media;
  out.mimetype = std::move(in.mimetype);
  out.filename = std::move(in.filename);
  for (const auto& mention : in.mentions) out.mentions.push_back(jid_of(mention));
  if (in.has_quoted)
    out.quoted =
        engine::QuotedMessage{in.quoted.id, jid_of(in.quoted.participant), in.quoted.body, in.quoted_media};
  out.ack = in.ack;
  if (in.has_location) out.location = take(in.location);
  out.unread = known_or(in.unread, engine::Unread::undecryptable, engine::Unread::no_content);
  out.vcards = std::move(in.vcards);
  if (in.has_referral) out.referral = take(in.referral);
  return out;
}

engine::RawPartEvent take(journal_RawPart& in) {
  engine::RawPartEvent out;
  out.part = std::move(in.part);
  out.id = std::move(in.id);
  take_chat(in, out);
  take_sender(in, out);
  out.timestamp = in.timestamp;
  out.size = in.size;
  out.message = std::move(in.message);
  return out;
}

engine::AckEvent take(const journal_Ack& in) {
  engine::AckEvent out;
  out.id = in.id;
  take_chat(in, out);
  out.participant = jid_of(in.participant);
  out.from_me = in.from_me;
  out.ack = in.ack;
  out.timestamp = in.timestamp;
  if (in.has_fault) out.cause = take(in.fault);
  out.told_chat = in.told_chat.empty() ? out.chat : jid_of(in.told_chat);
  return out;
}

engine::CallEvent take(const journal_Call& in, EventKind kind) {
  using What = engine::CallEvent::What;
  engine::CallEvent out;
  out.what = kind == EventKind::call_accepted   ? What::accepted
             : kind == EventKind::call_rejected ? What::rejected
                                                : What::received;
  out.id = in.id;
  take_chat(in, out);
  out.video = in.video;
  out.group = in.group;
  out.missed = in.missed;
  out.timestamp = in.timestamp;
  return out;
}

engine::GroupEvent take(journal_Group& in) {
  using What = engine::GroupEvent::What;
  engine::GroupEvent out;
  out.what = known_or(in.what, What::revoked, What::changed);
  out.group = jid_of(in.group);
  out.timestamp = in.timestamp;
  out.by = jid_of(in.by);
  out.by_other = jid_of(in.by_other);
  out.reason = std::move(in.reason);
  for (std::size_t i = 0; i + 2 < in.members.size(); i += 3) {
    const std::string& rank = in.members[i + 2];
    out.members.push_back({jid_of(in.members[i]), jid_of(in.members[i + 1]),
                           rank == "2"   ? store::Rank::owner
                           : rank == "1" ? store::Rank::admin
                                         : store::Rank::member});
  }
  out.more = static_cast<std::size_t>(std::max<std::int64_t>(in.more, 0));
  const auto fact = [&in](int bit, auto& value, auto& field) {
    if ((in.facts & bit) != 0) value = std::move(field);
  };
  fact(kSubject, out.subject, in.subject);
  fact(kDescription, out.description, in.description);
  fact(kInvite, out.invite, in.invite);
  fact(kAnnounce, out.announce, in.announce);
  fact(kLocked, out.locked, in.locked);
  fact(kAdminsAdd, out.admins_add, in.admins_add);
  fact(kApproval, out.approval, in.approval);
  fact(kEphemeral, out.ephemeral, in.ephemeral);
  return out;
}

engine::PresenceEvent take(const journal_Presence& in) {
  engine::PresenceEvent out;
  take_chat(in, out);
  out.who = in.who.empty() ? out.chat : jid_of(in.who);
  out.who_pn = in.who.empty() ? out.chat_pn : jid_of(in.who_pn);
  out.who_lid = in.who.empty() ? out.chat_lid : jid_of(in.who_lid);
  out.showing = known_or(in.showing, engine::Showing::paused, engine::Showing::offline);
  if (in.has_last_seen) out.last_seen = in.last_seen;
  return out;
}

engine::IdentityEvent take(const journal_Identity& in, EventKind kind) {
  engine::IdentityEvent out;
  out.what = kind == EventKind::number_changed ? engine::IdentityEvent::What::moved
                                               : engine::IdentityEvent::What::mapped;
  out.pn = jid_of(in.pn);
  out.lid = jid_of(in.lid);
  out.former_pn = jid_of(in.former_pn);
  out.former_lid = jid_of(in.former_lid);
  out.timestamp = in.timestamp;
  return out;
}

engine::AboutEvent take(journal_Event& in, EventKind kind) {
  using What = engine::AboutEvent::What;
  using Answer = engine::AboutEvent::Answer;
  engine::AboutEvent out;
  out.what = kind == EventKind::reaction                                 ? What::reaction
             : kind == EventKind::edited                                 ? What::edited
             : kind == EventKind::revoked                                ? What::revoked
             : kind == EventKind::vote || kind == EventKind::vote_failed ? What::vote
                                                                         : What::response;
  out.unread = kind == EventKind::vote_failed || kind == EventKind::event_response_failed;
  out.by = take(in.message);
  const auto& target = in.about.target;
  out.target = {target.id,
                target.from_me,
                jid_of(target.chat),
                jid_of(target.author),
                jid_of(target.author_pn),
                jid_of(target.author_lid)};
  out.options = std::move(in.about.options);
  const bool known = in.about.answer >= 0 && in.about.answer <= static_cast<int>(Answer::maybe);
  if (known) out.answer = static_cast<Answer>(in.about.answer);
  out.guests = in.about.guests;
  out.sent = in.about.sent;
  if (in.has_before) out.before = std::make_shared<const engine::MessageEvent>(take(in.before));
  return out;
}

// "name\nid\ntext"
Result<AsTold> take_lines(std::string_view lines) {
  const auto first = lines.find('\n');
  const auto second = first == std::string_view::npos ? first : lines.find('\n', first + 1);
  if (second == std::string_view::npos) return fail(Cause::malformed, "an event of an older version");
  return AsTold{std::string(lines.substr(0, first)), std::string(lines.substr(first + 1, second - first - 1)),
                std::string(lines.substr(second + 1))};
}

}  // namespace

Bytes encode_payload(std::uint32_t mark, const EventSession& session, const EventPayload& payload) {
  journal_Event event{};
  put(event.has_mark, event.mark, mark);
  event.session = session.name;
  event.version = session.version;
  for (const auto& [name, value] : session.metadata) {
    event.metadata.push_back(name);
    event.metadata.push_back(value);
  }
  if ((event.has_me = session.me.has_value())) event.me = put(*session.me);
  std::visit([&](const auto& value) { put(event, value); }, payload);
  return wire::proto::encode(event);
}

Result<JournalEvent> decode_event(const store::EventRow& row) {
  const auto kind = event_kind(row.kind);
  if (!kind) return fail(Cause::malformed, "an event of an unknown kind");
  JournalEvent out;
  out.seq = row.seq;
  out.at = row.at_ms;
  out.kind = *kind;
  if (*kind == EventKind::as_told) {
    PIGEOND_TRY(out.as_told, take_lines(as_text(row.payload)));
    return out;
  }
  PIGEOND_TRY(auto event, wire::proto::decode<journal_Event>(row.payload));
  out.mark = event.mark;
  out.session.name = std::move(event.session);
  out.session.version = std::move(event.version);
  for (std::size_t i = 0; i + 1 < event.metadata.size(); i += 2)
    out.session.metadata[event.metadata[i]] = event.metadata[i + 1];
  if (event.has_me) out.session.me = take(event.me);
  if (event.has_status && *kind == EventKind::session_status) {
    out.payload = take(event.status);
  } else if (event.has_message && (*kind == EventKind::message_in || *kind == EventKind::message_out ||
                                   *kind == EventKind::message_waiting)) {
    out.payload = take(event.message);
  } else if (event.has_message && event.has_about && *kind >= EventKind::reaction &&
             *kind <= EventKind::event_response_failed) {
    out.payload = take(event, *kind);
  } else if (event.has_ack && (*kind == EventKind::ack || *kind == EventKind::group_ack)) {
    out.payload = take(event.ack);
  } else if (event.has_call && (*kind == EventKind::call_received || *kind == EventKind::call_accepted ||
                                *kind == EventKind::call_rejected)) {
    out.payload = take(event.call, *kind);
  } else if (event.has_group && *kind >= EventKind::group_entered && *kind <= EventKind::group_request) {
    out.payload = take(event.group);
  } else if (event.has_raw_part && *kind == EventKind::raw_part) {
    out.payload = take(event.raw_part);
  } else if (event.has_presence && *kind == EventKind::presence) {
    out.payload = take(event.presence);
  } else if (event.has_identity && (*kind == EventKind::lid_mapping || *kind == EventKind::number_changed)) {
    out.payload = take(event.identity, *kind);
  } else {
    return fail(Cause::malformed, "an event without what its kind says");
  }
  return out;
}

}  // namespace pigeond::gateway
