// The registry of events, their ids, and what the journal keeps of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gateway/events/id.h"
#include "gateway/events/kinds.h"
#include "gateway/events/payload.h"
#include "gateway/events/texts.h"
#include "gateway/session_name.h"

namespace pigeond::gateway {
namespace {

using Tellings = std::vector<Topic>;

engine::MessageEvent message_in(const wire::Jid& chat, bool from_me = false) {
  engine::MessageEvent message;
  message.chat = chat;
  message.from_me = from_me;
  message.type = "text";
  return message;
}

template <typename Told>
Tellings told(const SessionConfig& config, const Told& what) {
  const auto kind = kind_of(config, what);
  if (!kind) return {};
  const auto topics = topics_of(*kind);
  return {topics.begin(), topics.end()};
}

TEST(Events, TellIncomingMessagesTwiceAndOwnOnesOnce) {
  const SessionConfig config;
  EXPECT_EQ(told(config, message_in(wire::pn("123"))), (Tellings{Topic::message_in, Topic::message_any}));
  EXPECT_EQ(told(config, message_in(wire::pn("123"), true)), (Tellings{Topic::message_any}));
}

TEST(Events, TellWhatIsSaidAboutAMessageByWhatItIs) {
  using What = engine::AboutEvent::What;
  engine::AboutEvent about;
  about.by = message_in(wire::pn("123"));
  const std::pair<What, Topic> expected[] = {{What::reaction, Topic::reaction},
                                             {What::edited, Topic::edited},
                                             {What::revoked, Topic::revoked},
                                             {What::vote, Topic::vote},
                                             {What::response, Topic::event_response}};
  for (const auto& [what, topic] : expected) {
    about.what = what;
    EXPECT_EQ(told(SessionConfig{}, about), Tellings{topic});
  }
  about.unread = true;
  EXPECT_EQ(told(SessionConfig{}, about), Tellings{Topic::event_response_failed});
  about.what = What::vote;
  EXPECT_EQ(told(SessionConfig{}, about), Tellings{Topic::vote_failed});
}

TEST(Events, TellWhatCantBeShownYetAsThatAlone) {
  for (const bool ours : {false, true}) {
    auto message = message_in(wire::pn("123"), ours);
    message.unread = engine::Unread::view_once;
    EXPECT_EQ(told(SessionConfig{}, message), (Tellings{Topic::message_waiting}));
  }
}

TEST(Events, TellAcknowledgementsOfGroupsApart) {
  engine::AckEvent ack;
  ack.chat = wire::pn("123");
  EXPECT_EQ(told(SessionConfig{}, ack), (Tellings{Topic::ack}));
  ack.chat = {"123-456", "g.us"};
  EXPECT_EQ(told(SessionConfig{}, ack), (Tellings{Topic::group_ack}));
}

TEST(Events, SkipExactlyWhatASessionIgnores) {
  const wire::Jid status{"status", "broadcast"}, list{"17", "broadcast"}, group{"1-2", "g.us"},
      channel{"9", "newsletter"};
  SessionConfig config;
  config.ignored.status = true;
  EXPECT_TRUE(told(config, message_in(status)).empty());
  EXPECT_FALSE(told(config, message_in(list)).empty());
  config = {};
  config.ignored.broadcasts = true;
  EXPECT_FALSE(told(config, message_in(status)).empty());
  EXPECT_TRUE(told(config, message_in(list)).empty());
  config = {};
  config.ignored.groups = config.ignored.channels = true;
  EXPECT_TRUE(told(config, message_in(group)).empty());
  EXPECT_TRUE(told(config, message_in(channel)).empty());
  EXPECT_FALSE(told(config, message_in(wire::pn("1"))).empty());
}

TEST(Events, EachKindHasTopicsAndAllOfThemAreUsed) {
  std::set<Topic> used;
  for (int number = 1; number < 1000; ++number) {  // some are kept free
    const auto kind = event_kind(number);
    if (!kind) continue;
    const auto topics = topics_of(*kind);
    EXPECT_FALSE(topics.empty()) << number;
    used.insert(topics.begin(), topics.end());
  }
  EXPECT_EQ(used, std::set<Topic>(std::begin(kTopics), std::end(kTopics)));
  EXPECT_EQ(event_kind(0), EventKind::as_told);
  EXPECT_FALSE(event_kind(-1));
}

TEST(Topics, AreASet) {
  Topics some{Topic::ack};
  EXPECT_TRUE(some.has(Topic::ack));
  EXPECT_FALSE(some.has(Topic::group_ack));
  some.add(Topics{Topic::group_ack});
  EXPECT_EQ(some, (Topics{Topic::group_ack, Topic::ack}));
  EXPECT_TRUE(Topics().empty());
  for (const Topic topic : kTopics) EXPECT_TRUE(Topics::all().has(topic));
}

TEST(SessionName, HasOneToFiftyFourPlainCharacters) {
  for (const char* name : {"a", "default", "A-b_9"}) EXPECT_TRUE(is_session_name(name)) << name;
  EXPECT_TRUE(is_session_name(std::string(54, 'x')));
  for (const char* name : {"", "a b", "a/b", "..", "ä", "a\n"}) EXPECT_FALSE(is_session_name(name)) << name;
  EXPECT_FALSE(is_session_name(std::string(55, 'x')));
}

TEST(EventIds, AreUlidsThatSayTheirPlace) {
  const EventId id{1469918176385, 123456789, 0xABCDEF, 1};
  const auto text = event_id(id);
  EXPECT_EQ(text.size(), 30u);
  EXPECT_EQ(text.substr(0, 14), "evt_01aryz6s41") << "the time of the ULID specification's example";
  EXPECT_EQ(parse_event_id(text), id);
  auto upper = text;
  std::transform(upper.begin() + 4, upper.end(), upper.begin() + 4, ::toupper);
  EXPECT_EQ(parse_event_id(upper), id);
  const EventId largest{0xFFFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFF, 255};
  EXPECT_EQ(parse_event_id(event_id(largest)), largest);
}

TEST(EventIds, SortAsWhatTheyNameAndDiffer) {
  const EventId ids[] = {{1, 5, 9, 1}, {2, 1, 0xFFFFFF, 0}, {2, 2, 0, 0},
                         {2, 2, 0, 1}, {2, 300, 0, 0},      {3, 1, 1, 0}};
  for (std::size_t i = 0; i + 1 < std::size(ids); ++i) EXPECT_LT(event_id(ids[i]), event_id(ids[i + 1]));
}

TEST(EventIds, NothingElseIsOne) {
  const auto good = event_id({1, 2, 3, 0});
  for (const std::string& bad : {std::string(), std::string("evt_"), good + "0", good.substr(1),
                                 good.substr(0, 29) + "u", "evt_z" + good.substr(5), good.substr(0, 20)})
    EXPECT_FALSE(parse_event_id(bad)) << bad;
}

// --- what is kept ---

const wire::Jid kPn = wire::pn("491510000001", 7), kLid = wire::lid("9876", 3);

EventSession some_session() {
  EventSession session{"shop", {{"a", "1"}, {"b", ""}}, Me{kPn, kLid, "Shop", {}, {}}, "0.1.0"};
  session.me->timelock = store::ReachoutTimelock{true, 5, "WEB_COMPANION_ONLY"};
  session.me->capping = store::MessageCapping{"CAPPED", 1, 2, 3, 4, "m", "o"};
  return session;
}

engine::MessageEvent some_message() {
  engine::MessageEvent message;
  message.id = "3EB0";
  message.chat = {"1-2", "g.us"};
  message.sender = kLid;
  message.chat_pn = wire::pn("1");
  message.chat_lid = wire::lid("2");
  message.sender_pn = wire::pn("3");
  message.sender_lid = wire::lid("4");
  message.from_me = message.from_api = message.offline = message.has_media = true;
  message.timestamp = 1700000000;
  message.push_name = "Someone";
  message.type = "image";
  message.body = std::string("a\0\n\xc3\xa4", 5);
  message.mimetype = "image/jpeg";
  message.filename = "x.jpg";
  message.mentions = {wire::pn("5"), wire::lid("6")};
  message.quoted = engine::QuotedMessage{"Q", wire::pn("7"), "quoted"};
  message.ack = 2;
  message.unread = engine::Unread::undecryptable;
  message.quoted->has_media = true;
  message.vcards = {"BEGIN:VCARD", ""};
  message.location = engine::Location{1.5, -2.5, true, "n", "a", "u", "c"};
  message.referral = engine::Referral{"t", "i", "u", "h", "b", "m", "c", "r", "p"};
  return message;
}

JournalEvent kept(EventKind kind, const EventPayload& payload, const EventSession& session = some_session()) {
  auto out =
      decode_event({17, 3, static_cast<int>(kind), 1700000000123, encode_payload(99, session, payload)});
  EXPECT_TRUE(out);
  return out ? *out : JournalEvent{};
}

// Shows every field.
class Dump final : public EventFormat {
 public:
  std::string format(const EventSession& session, const Event& event) const override {
    std::string out = session.name + session.version;
    for (const auto& [name, value] : session.metadata) out += "," + name + "=" + value;
    if (session.me) {
      out += session.me->pn.text() + session.me->lid.text() + session.me->push_name;
      if (session.me->timelock) out += dump(*session.me->timelock);
      if (session.me->capping) out += dump(*session.me->capping);
    }
    return out + ";" + std::visit([](const auto& value) { return dump(value); }, event.payload);
  }

 private:
  static std::string dump(const store::ReachoutTimelock& lock) {
    return std::to_string(lock.active) + std::to_string(lock.ends) + lock.type;
  }
  static std::string dump(const store::MessageCapping& cap) {
    std::string out = cap.status + cap.mv_status + cap.ote_status;
    for (const auto number : {cap.total, cap.used, cap.cycle_start, cap.cycle_end})
      out += "," + std::to_string(number);
    return out;
  }
  static std::string dump(const std::optional<Error>& error) {
    if (!error) return "-";
    return std::string(cause_name(error->cause)) + error->detail + std::to_string(error->code);
  }
  static std::string dump(const StatusChange& change) {
    std::string out(status_word(change.status));
    for (const auto& [status, at] : change.recent)
      out += std::string(status_word(status)) + std::to_string(at);
    out += dump(change.cause) + change.asked;
    if (change.timelock) out += dump(*change.timelock);
    if (change.capping) out += dump(*change.capping);
    if (change.departure)
      out += std::to_string(change.departure->unlinked) + std::to_string(change.departure->done) +
             dump(change.departure->cause);
    return out;
  }
  static std::string dump(const engine::MessageEvent& m) {
    std::string out = m.id + m.push_name + m.type + m.body + m.mimetype + m.filename;
    for (const auto& jid : {m.chat, m.sender, m.chat_pn, m.chat_lid, m.sender_pn, m.sender_lid})
      out += "," + jid.text();
    for (const auto& jid : m.mentions) out += "@" + jid.text();
    for (const bool flag : {m.from_me, m.from_api, m.offline, m.has_media}) out += flag ? "1" : "0";
    if (m.quoted)
      out +=
          m.quoted->id + m.quoted->participant.text() + m.quoted->body + std::to_string(m.quoted->has_media);
    out += std::to_string(static_cast<int>(m.unread));
    for (const auto& vcard : m.vcards) out += "," + vcard;
    if (const auto& r = m.referral)
      for (const auto& text : {r->source_type, r->source_id, r->source_url, r->title, r->body, r->media_url,
                               r->click_id, r->ref, r->app})
        out += "," + text;
    if (const auto& l = m.location)
      for (const auto& text : {std::to_string(l->latitude), std::to_string(l->longitude),
                               std::to_string(l->live), l->name, l->address, l->url, l->comment})
        out += "," + text;
    return out + std::to_string(m.timestamp) + "," + std::to_string(m.ack);
  }
  static std::string dump(const engine::AckEvent& a) {
    std::string out = a.id;
    for (const auto& jid : {a.chat, a.chat_pn, a.chat_lid, a.participant}) out += "," + jid.text();
    if (!a.told_chat.empty() && !(a.told_chat == a.chat)) out += "told as " + a.told_chat.text();
    return out + std::to_string(a.from_me) + std::to_string(a.ack) + std::to_string(a.timestamp) +
           dump(a.cause);
  }
  static std::string dump(const engine::AboutEvent& a) {
    std::string out = std::to_string(static_cast<int>(a.what)) + dump(a.by) + a.target.id;
    for (const auto& jid : {a.target.chat, a.target.author, a.target.author_pn, a.target.author_lid})
      out += "," + jid.text();
    for (const auto& option : a.options) out += "," + option;
    out += std::to_string(a.target.from_me) + std::to_string(a.unread) + std::to_string(a.guests) +
           std::to_string(static_cast<int>(a.answer)) + std::to_string(a.sent);
    return a.before ? out + dump(*a.before) : out;
  }
  static std::string dump(const engine::GroupEvent& g) {
    std::string out = std::to_string(static_cast<int>(g.what)) + g.reason + std::to_string(g.timestamp) +
                      std::to_string(g.more);
    for (const auto& jid : {g.group, g.by, g.by_other}) out += "," + jid.text();
    for (const auto& member : g.members)
      out += "," + member.jid.text() + member.other.text() + std::to_string(static_cast<int>(member.rank));
    for (const auto* text : {&g.subject, &g.description, &g.invite}) out += "," + text->value_or("-");
    for (const auto* flag : {&g.announce, &g.locked, &g.admins_add, &g.approval})
      out += !*flag ? "-" : **flag ? "1" : "0";
    return out + std::to_string(g.ephemeral.value_or(-1));
  }
  static std::string dump(const engine::RawPartEvent& p) {
    std::string out = p.part + p.id + std::to_string(p.timestamp) + std::to_string(p.from_me);
    for (const auto& jid : {p.chat, p.sender, p.chat_pn, p.chat_lid, p.sender_pn, p.sender_lid})
      out += "," + jid.text();
    return out + std::to_string(p.size) + std::string(as_text(p.message));
  }
  static std::string dump(const engine::CallEvent& c) {
    std::string out = c.id + std::to_string(static_cast<int>(c.what)) + std::to_string(c.timestamp);
    for (const auto& jid : {c.chat, c.chat_pn, c.chat_lid}) out += "," + jid.text();
    for (const bool flag : {c.video, c.group, c.missed}) out += flag ? "1" : "0";
    return out;
  }
  static std::string dump(const engine::PresenceEvent& p) {
    std::string out = std::to_string(static_cast<int>(p.showing)) + std::to_string(p.last_seen.value_or(-1));
    for (const auto& jid : {p.chat, p.chat_pn, p.chat_lid, p.who, p.who_pn, p.who_lid})
      out += "," + jid.text();
    return out;
  }
  static std::string dump(const engine::IdentityEvent& i) {
    std::string out = std::to_string(static_cast<int>(i.what)) + std::to_string(i.timestamp);
    for (const auto& jid : {i.pn, i.lid, i.former_pn, i.former_lid}) out += "," + jid.text();
    return out;
  }
};

void expect_kept(EventKind kind, const EventPayload& payload, const EventSession& session = some_session()) {
  const auto event = kept(kind, payload, session);
  EXPECT_EQ(event.seq, 17);
  EXPECT_EQ(event.at, 1700000000123);
  EXPECT_EQ(event.kind, kind);
  EXPECT_EQ(event.mark, 99u);
  const auto under = event_under(event, 0);
  ASSERT_TRUE(under);
  EXPECT_EQ(Dump().format(event.session, *under),
            Dump().format(session, {"", 0, Topic::session_status, payload}));
}

TEST(JournalPayload, KeepsEveryFieldOfEveryKind) {
  expect_kept(EventKind::message_in, some_message());
  expect_kept(EventKind::message_waiting, some_message());
  expect_kept(EventKind::message_out, engine::MessageEvent{}, EventSession{"bare", {}, {}, ""});
  engine::AckEvent ack{"A", kPn, wire::pn("1"), wire::lid("2"), wire::pn("3"), false, -1, 12345, {}};
  expect_kept(EventKind::ack, ack);
  ack.cause = fail(Cause::rate_limited, "too fast", 429);
  ack.from_me = true;
  expect_kept(EventKind::group_ack, ack);
  ack.told_chat = wire::lid("2");
  expect_kept(EventKind::ack, ack);
  engine::GroupEvent group;
  expect_kept(EventKind::group_changed, group);
  group.group = {"1-2", "g.us"};
  group.by = wire::lid("1");
  group.by_other = wire::pn("2");
  group.reason = "invite";
  group.timestamp = 5;
  group.more = 3;
  group.members = {{wire::lid("3"), wire::pn("4"), store::Rank::owner},
                   {wire::lid("5"), {}, store::Rank::admin},
                   {wire::lid("6"), {}, store::Rank::member}};
  group.subject = "";  // it has none any more, which is not that nothing is told of it
  group.announce = false;
  group.locked = true;
  group.ephemeral = 0;
  expect_kept(EventKind::group_changed, group);
  expect_kept(
      EventKind::raw_part,
      engine::RawPartEvent{
          "part 200", "R", kPn, kLid, kPn, wire::pn("1"), wire::lid("2"), kLid, true, 5, 3, {1, 2, 3}});
  using What = engine::CallEvent::What;
  engine::CallEvent call{What::received, "C", kPn, wire::pn("1"), wire::lid("2"), true, false, true, 12345};
  expect_kept(EventKind::call_received, call);
  std::swap(call.video, call.group);
  call.what = What::accepted;
  expect_kept(EventKind::call_accepted, call);
  call.what = What::rejected;
  expect_kept(EventKind::call_rejected, call);
  engine::PresenceEvent presence;
  presence.chat = presence.who = kPn;
  presence.chat_lid = presence.who_lid = wire::lid("2");
  for (const auto showing : {engine::Showing::offline, engine::Showing::online, engine::Showing::typing,
                             engine::Showing::recording, engine::Showing::paused}) {
    presence.showing = showing;
    expect_kept(EventKind::presence, presence);
  }
  presence.last_seen = 0;
  presence.who = presence.who_pn = wire::pn("3");
  expect_kept(EventKind::presence, presence);
  using Identity = engine::IdentityEvent;
  Identity identity{Identity::What::mapped, kPn, wire::lid("2"), {}, {}, 5};
  expect_kept(EventKind::lid_mapping, identity);
  identity.what = Identity::What::moved;
  identity.former_pn = wire::pn("4");
  identity.former_lid = wire::lid("5");
  expect_kept(EventKind::number_changed, identity);
  using Said = engine::AboutEvent::What;
  engine::AboutEvent about;
  about.by = some_message();
  about.target = {"T", true, kPn, wire::pn("1"), wire::pn("2"), wire::lid("3")};
  const std::pair<Said, EventKind> kinds[] = {{Said::reaction, EventKind::reaction},
                                              {Said::edited, EventKind::edited},
                                              {Said::revoked, EventKind::revoked},
                                              {Said::vote, EventKind::vote},
                                              {Said::response, EventKind::event_response}};
  about.options = {"a", "b"};
  about.answer = engine::AboutEvent::Answer::maybe;
  about.guests = 3;
  about.sent = 1700000000123;
  about.before = std::make_shared<const engine::MessageEvent>(some_message());
  for (const auto& [what, kind] : kinds) {
    about.what = what;
    expect_kept(kind, about);
  }
  about.unread = true;
  expect_kept(EventKind::event_response_failed, about);
  about.what = Said::vote;
  about.before.reset();
  expect_kept(EventKind::vote_failed, about);
  StatusChange change{SessionStatus::failed,
                      {{SessionStatus::stopped, 1}, {SessionStatus::starting, 2}, {SessionStatus::failed, 3}},
                      fail(Cause::logged_out, "why", 401)};
  change.timelock = store::ReachoutTimelock{true, 7, "X"};
  change.capping = store::MessageCapping{"a", 9, 8, 7, 6, "b", "c"};
  change.departure = Departure{false, true, fail(Cause::timed_out, "silence")};
  change.asked = "ABCD-EFGH";
  expect_kept(EventKind::session_status, change);
  expect_kept(EventKind::session_status, StatusChange{});
}

TEST(JournalPayload, AMessageOfOthersHasTwoTopicsAndTwoIds) {
  const auto event = kept(EventKind::message_in, some_message());
  const Dump format;
  const auto first = event_text(event, 0, &format), second = event_text(event, 1, &format);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->topic, Topic::message_in);
  EXPECT_EQ(second->topic, Topic::message_any);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(first->text, second->text);
  EXPECT_FALSE(event_text(event, 2, &format));
  EXPECT_FALSE(event_text(event, -1, &format));
  EXPECT_EQ(event_text(event, 0, nullptr)->text, "");
}

TEST(JournalPayload, WordsOfAnOlderVersionStayAsTheyWere) {
  const std::string lines = "message\nevt_1\n{\"a\":\n1}";
  const auto event = decode_event({1, 1, 0, 5, to_bytes(as_bytes(lines))});
  ASSERT_TRUE(event);
  const Dump format;
  const auto text = event_text(*event, 0, &format);
  EXPECT_EQ(text->told_as, "message");
  EXPECT_FALSE(text->topic);
  EXPECT_EQ(text->id, "evt_1");
  EXPECT_EQ(text->text, "{\"a\":\n1}");
}

TEST(JournalPayload, WhatMakesNoSenseIsAnError) {
  const auto status = encode_payload(1, some_session(), StatusChange{});
  EXPECT_FALSE(decode_event({1, 1, 2, 5, status})) << "another kind's payload";
  EXPECT_FALSE(decode_event({1, 1, 77, 5, status})) << "a kind that nobody knows";
  EXPECT_FALSE(decode_event({1, 1, 1, 5, Bytes(9, 0xFF)}));
  EXPECT_FALSE(decode_event({1, 1, 0, 5, to_bytes(as_bytes("one line"))}));
}

}  // namespace
}  // namespace pigeond::gateway
