// Each event as programs get it, beside a file that shows it. PIGEOND_WRITE_GOLDEN=1 writes the files anew,
// for a change that is meant.
#include "api/waha/events.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "api/json.h"
#include "api/waha/names.h"
#include "api/waha/shapes.h"
#include "gateway/events/payload.h"
#include "gateway/events/texts.h"

namespace pigeond::api::waha {
namespace {

using gateway::EventKind;
using gateway::EventPayload;
using gateway::SessionStatus;

const wire::Jid kFriend = wire::pn("491510000002"), kFriendLid = wire::lid("100000000000002"),
                kGroup{"120363000000000001", "g.us"};

gateway::EventSession session() {
  gateway::Me me{wire::pn("491510000001", 7), wire::lid("100000000000001", 7), "Shop", {}, {}};
  me.timelock = store::ReachoutTimelock{};
  me.capping = store::MessageCapping{"NONE", 100, 3, 1700000000, 1702592000, "", ""};
  return {"default", {{"tenant", "seven"}}, me, "0.1.0"};
}

engine::MessageEvent text(bool from_me) {
  engine::MessageEvent message;
  message.id = "3EB0C767D71D8DBB7F1D";
  message.chat = message.chat_pn = kFriend;
  message.chat_lid = kFriendLid;
  message.sender = from_me ? wire::pn("491510000001", 7) : wire::pn("491510000002", 1);
  message.sender_pn = message.sender.without_device();
  message.from_me = message.from_api = from_me;
  message.timestamp = 1700000000;
  message.push_name = "Friend";
  message.type = "text";
  message.body = "Is \"ä\" a letter?\n";
  message.ack = from_me ? 1 : 2;
  return message;
}

engine::MessageEvent in_a_group() {
  auto message = text(false);
  message.chat = kGroup;
  message.chat_pn = message.chat_lid = {};
  message.sender_lid = kFriendLid;
  message.type = "image";
  message.has_media = true;
  message.mimetype = "image/jpeg";
  message.mentions = {wire::pn("491510000003"), kFriendLid};
  message.quoted = engine::QuotedMessage{"3EB0AAAA", wire::pn("491510000001"), "Look"};
  return message;
}

engine::MessageEvent place() {
  auto message = text(false);
  message.type = "location";
  message.body = "Café";
  message.location = engine::Location{38.8937255, -77.0, false, "Café", "Main St 1", "", "ask for me"};
  return message;
}

engine::MessageEvent contact() {
  auto message = text(false);
  message.type = "contact";
  message.body = "Jane";
  message.vcards = {"BEGIN:VCARD\nVERSION:3.0\nFN:Jane\nEND:VCARD"};
  return message;
}

engine::MessageEvent referred() {
  auto message = text(false);
  message.referral = engine::Referral{
      "ad", "1200", "https://fb.me/x", "Lamps, half price", "Only today", "", "CLICK", "", "instagram"};
  return message;
}

engine::RawPartEvent raw_part() {
  engine::RawPartEvent part;
  part.part = "part 4711";
  part.id = "3EB0C767D71D8DBB7F1D";
  part.chat = part.chat_pn = kFriend;
  part.chat_lid = kFriendLid;
  part.sender = wire::pn("491510000002", 1);
  part.sender_pn = kFriend;
  part.timestamp = 1700000000;
  part.size = 3;
  part.message = {1, 2, 3};
  return part;
}

engine::MessageEvent waiting() {
  auto message = text(false);
  message.type = "unknown";
  message.body.clear();
  message.unread = engine::Unread::no_content;
  return message;
}

engine::AckEvent ack(int level) {
  engine::AckEvent out;
  out.id = "3EB0C767D71D8DBB7F1D";
  out.chat = out.chat_pn = kFriend;
  out.chat_lid = kFriendLid;
  out.participant = kFriend;
  out.ack = level;
  out.timestamp = 1700000001;
  return out;
}

engine::CallEvent call(engine::CallEvent::What what) {
  engine::CallEvent out;
  out.what = what;
  out.id = "0123456789ABCDEF0123456789ABCDEF";
  out.chat = out.chat_pn = kFriend;
  out.chat_lid = kFriendLid;
  out.video = true;
  out.timestamp = 1700000002;
  return out;
}

engine::GroupEvent in_group(engine::GroupEvent::What what) {
  engine::GroupEvent out;
  out.what = what;
  out.group = kGroup;
  out.timestamp = 1700000003;
  out.by = kFriendLid;
  out.by_other = kFriend;
  return out;
}

engine::GroupEvent entered() {
  auto out = in_group(engine::GroupEvent::What::entered);
  out.reason = "invite";
  out.subject = "Choir";
  out.description = "";
  out.announce = out.approval = false;
  out.locked = out.admins_add = true;
  out.ephemeral = 86400;
  out.members = {{kFriendLid, kFriend, store::Rank::owner},
                 {wire::lid("100000000000001"), wire::pn("491510000001"), store::Rank::member},
                 {wire::lid("100000000000009"), {}, store::Rank::admin}};
  return out;
}

engine::GroupEvent moved(engine::GroupEvent::What what) {
  auto out = in_group(what);
  out.members = {{wire::lid("100000000000003"), wire::pn("491510000003"), store::Rank::admin}};
  return out;
}

engine::GroupEvent changed() {
  auto out = in_group(engine::GroupEvent::What::changed);
  out.by = out.by_other = {};
  out.subject = "Band";
  out.announce = true;
  return out;
}

engine::GroupEvent asks() {
  auto out = moved(engine::GroupEvent::What::asked);
  out.reason = "invite_link";
  return out;
}

engine::PresenceEvent presence(engine::Showing showing) {
  engine::PresenceEvent out;
  out.chat = out.chat_pn = out.who = out.who_pn = kFriend;
  out.chat_lid = out.who_lid = kFriendLid;
  out.showing = showing;
  if (showing == engine::Showing::offline) out.last_seen = 1699999000;
  return out;
}

engine::PresenceEvent presence_in_a_group() {
  auto out = presence(engine::Showing::recording);
  out.chat = kGroup;
  out.chat_pn = out.chat_lid = {};
  return out;
}

engine::IdentityEvent identity(engine::IdentityEvent::What what) {
  engine::IdentityEvent out;
  out.what = what;
  out.pn = kFriend;
  out.lid = kFriendLid;
  out.timestamp = 1700000003;
  if (what == engine::IdentityEvent::What::moved) out.former_pn = wire::pn("491510000009");
  return out;
}

engine::AboutEvent about(engine::AboutEvent::What what, bool from_me = false) {
  engine::AboutEvent out;
  out.what = what;
  out.by = text(from_me);
  out.by.id = "3EB0AB0C7";
  out.by.body.clear();
  out.target = {"3EB0C767D71D8DBB7F1D", !from_me, kFriend, kFriend, kFriend, kFriendLid};
  return out;
}

struct Case {
  std::string file;  // of tests/data/events
  EventKind kind;
  int telling;
  EventPayload payload;
};

std::vector<Case> cases() {
  auto failed = ack(-1);
  failed.cause = fail(Cause::rate_limited, "too many messages", 429);
  auto group_ack = ack(3);
  group_ack.chat = kGroup;
  group_ack.chat_pn = group_ack.chat_lid = {};
  gateway::StatusChange working{SessionStatus::working,
                                {{SessionStatus::pairing, 1699999990000},
                                 {SessionStatus::starting, 1699999995000},
                                 {SessionStatus::working, 1700000000000}},
                                std::nullopt};
  gateway::StatusChange lost{SessionStatus::failed,
                             {{SessionStatus::failed, 1700000000000}},
                             fail(Cause::logged_out, "the phone has removed this device", 401)};
  auto locked = working;
  locked.timelock = store::ReachoutTimelock{true, 1700003600, "WEB_COMPANION_ONLY"};
  auto capped = working;
  capped.capping = store::MessageCapping{"CAPPED", 100, 100, 1700000000, 1702592000, "ACTIVE", "NONE"};
  auto parted = working;
  parted.status = SessionStatus::stopped;
  parted.departure = gateway::Departure{false, false, fail(Cause::timed_out, "no answer")};
  auto signing = working;
  signing.status = SessionStatus::passkey;
  signing.asked =
      R"({"challenge":"AAEC","timeout":600000,"rpId":"web.whatsapp.com","allowCredentials":[{"id":"AQID",)"
      R"("type":"public-key","transports":["hybrid"]}],"userVerification":"required","extensions":{"uvm":true}})";
  auto comparing = working;
  comparing.status = SessionStatus::comparison;
  comparing.asked = "ABCD-EFGH";
  using What = engine::AboutEvent::What;
  auto reaction = about(What::reaction), taken_back = about(What::reaction, true);
  reaction.by.type = taken_back.by.type = "reaction";
  reaction.by.body = "👍";
  auto edited = about(What::edited);
  edited.by.body = "as it is now";
  auto revoked = about(What::revoked), forgotten = about(What::revoked, true);
  revoked.by.type = forgotten.by.type = "revoke";
  revoked.before = std::make_shared<const engine::MessageEvent>(text(true));
  auto vote = about(What::vote), unread_vote = about(What::vote);
  vote.options = {"Tea", "Coffee"};
  unread_vote.unread = true;
  auto vote_in_group = vote;
  vote_in_group.by.chat = vote_in_group.target.chat = kGroup;
  vote_in_group.by.chat_pn = vote_in_group.by.chat_lid = {};
  auto coming = about(What::response), unread_response = about(What::response);
  coming.by.type = unread_response.by.type = "event_response";
  coming.answer = engine::AboutEvent::Answer::going;
  coming.guests = 2;
  coming.sent = 1700000000456;
  unread_response.unread = true;
  return {
      {"message.reaction", EventKind::reaction, 0, reaction},
      {"message.reaction.own", EventKind::reaction, 0, taken_back},
      {"message.edited", EventKind::edited, 0, edited},
      {"message.revoked", EventKind::revoked, 0, revoked},
      {"message.revoked.unknown", EventKind::revoked, 0, forgotten},
      {"poll.vote", EventKind::vote, 0, vote},
      {"poll.vote.group", EventKind::vote, 0, vote_in_group},
      {"poll.vote.failed", EventKind::vote_failed, 0, unread_vote},
      {"event.response", EventKind::event_response, 0, coming},
      {"event.response.failed", EventKind::event_response_failed, 0, unread_response},
      {"message", EventKind::message_in, 0, text(false)},
      {"message.group", EventKind::message_in, 0, in_a_group()},
      {"message.location", EventKind::message_in, 0, place()},
      {"message.contact", EventKind::message_in, 0, contact()},
      {"message.referral", EventKind::message_in, 0, referred()},
      {"engine.event", EventKind::raw_part, 0, raw_part()},
      {"message.any", EventKind::message_in, 1, text(false)},
      {"message.any.own", EventKind::message_out, 0, text(true)},
      {"message.waiting", EventKind::message_waiting, 0, waiting()},
      {"message.ack", EventKind::ack, 0, ack(2)},
      {"message.ack.error", EventKind::ack, 0, failed},
      {"message.ack.group", EventKind::group_ack, 0, group_ack},
      {"call.received", EventKind::call_received, 0, call(engine::CallEvent::What::received)},
      {"call.accepted", EventKind::call_accepted, 0, call(engine::CallEvent::What::accepted)},
      {"call.rejected", EventKind::call_rejected, 0, call(engine::CallEvent::What::rejected)},
      {"group.v2.join", EventKind::group_entered, 0, entered()},
      {"group.join", EventKind::group_entered, 1, entered()},
      {"group.v2.leave", EventKind::group_departed, 0, in_group(engine::GroupEvent::What::departed)},
      {"group.leave", EventKind::group_departed, 1, in_group(engine::GroupEvent::What::departed)},
      {"group.v2.participants", EventKind::group_members, 0, moved(engine::GroupEvent::What::promoted)},
      {"group.v2.participants.left", EventKind::group_members, 0, moved(engine::GroupEvent::What::left)},
      {"group.v2.update", EventKind::group_changed, 0, changed()},
      {"group.v2.participants.join-request", EventKind::group_request, 0, asks()},
      {"presence.update", EventKind::presence, 0, presence(engine::Showing::offline)},
      {"presence.update.group", EventKind::presence, 0, presence_in_a_group()},
      {"lid.mapping", EventKind::lid_mapping, 0, identity(engine::IdentityEvent::What::mapped)},
      {"contact.number.changed", EventKind::number_changed, 0, identity(engine::IdentityEvent::What::moved)},
      {"session.status", EventKind::session_status, 0, working},
      {"session.status.failed", EventKind::session_status, 0, lost},
      {"session.status.timelock", EventKind::session_status, 0, locked},
      {"session.status.capping", EventKind::session_status, 0, capped},
      {"session.status.unlinking", EventKind::session_status, 0, parted},
      {"session.status.passkey", EventKind::session_status, 0, signing},
      {"session.status.passkey.code", EventKind::session_status, 0, comparing},
  };
}

// As it goes out after a way through the journal.
gateway::EventText told(const Case& one) {
  const auto event = gateway::decode_event({42, 1, static_cast<int>(one.kind), 1700000000123,
                                            gateway::encode_payload(0x0BEEF, session(), one.payload)});
  const Events format;
  return event ? gateway::event_text(*event, one.telling, &format).value() : gateway::EventText{};
}

TEST(EventFiles, ShowEachEventAsItGoesOut) {
  std::set<gateway::Topic> told_under;
  for (const auto& one : cases()) {
    const auto out = told(one);
    ASSERT_TRUE(out.topic) << one.file;
    told_under.insert(*out.topic);
    std::string shown = Json::parse(out.text).dump(2) + "\n";
    // The files are those of one architecture.
    if (const auto at = shown.find("linux/arm64"); at != std::string::npos)
      shown.replace(at, 11, "linux/x64");
    const std::string path = PIGEOND_TEST_DATA "/events/" + one.file + ".json";
    if (std::getenv("PIGEOND_WRITE_GOLDEN") != nullptr) std::ofstream(path) << shown;
    std::ifstream file(path);
    const std::string expected{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(shown, expected) << path;
  }
  for (const auto topic : gateway::kTopics)
    EXPECT_TRUE(told_under.contains(topic)) << event_name(topic) << " has no file";
}

TEST(EventFiles, TheSameRowGivesTheSameBytes) {
  for (const auto& one : cases()) EXPECT_EQ(told(one).text, told(one).text);
}

TEST(Answers, SayAsEventsDoThatAGroupHasNeitherNumberNorLid) {
  gateway::SentMessage sent;
  sent.id = "3EB0C767D71D8DBB7F1D";
  sent.chat = sent.told_chat = kGroup;
  const Json data = schema::json_of<SentShape>(sent).at("_data");
  EXPECT_EQ(data.dump(), R"({"id":"3EB0C767D71D8DBB7F1D","pn":null,"lid":null})");
}

TEST(Events, MarkTheRequestOfAWebhookWithHeadersThatNobodyElseMaySet) {
  const Events events;
  gateway::RequestMark mark{"evt_1-17", 1700000000000, 3, {}};
  EXPECT_EQ(events.headers(mark), (Events::Headers{{"X-Webhook-Request-Id", "evt_1-17"},
                                                   {"X-Webhook-Timestamp", "1700000000000"},
                                                   {"X-Webhook-Attempt", "3"}}));
  mark.hmac = "208f";
  const auto headers = events.headers(mark);
  ASSERT_EQ(headers.size(), 5U);
  EXPECT_EQ(headers[3], (std::pair<std::string, std::string>{"X-Webhook-Hmac", "208f"}));
  EXPECT_EQ(headers[4], (std::pair<std::string, std::string>{"X-Webhook-Hmac-Algorithm", "sha512"}));
  for (const char* name : {"X-Webhook-Hmac", "x-webhook-attempt", "X-WEBHOOK-Whatever"})
    EXPECT_TRUE(events.is_own_header(name)) << name;
  for (const char* name : {"X-Webhoo", "X-Token", "", "Authorization"})
    EXPECT_FALSE(events.is_own_header(name)) << name;
}

}  // namespace
}  // namespace pigeond::api::waha
