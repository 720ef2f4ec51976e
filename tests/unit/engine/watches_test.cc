// Whom programs want to see: what is subscribed to, when again, and what is kept and told of what comes.
#include "engine/messages/desk.h"
#include "engine/questions/presence.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class WatchesTest : public ChatTest {
 protected:
  WatchesTest() {
    context->credentials.push_name = "Shop";
    chat->desk().lids.learn(jid("9922@lid"), jid("4922@s.whatsapp.net"));
    context->effects.clear();
    service.sent.clear();
  }
  Result<bool> watch(const char* who) {
    Result<bool> out = fail(Cause::internal, "no answer");
    watch_presence(chat->desk(), jid(who), [&](Result<bool> done) { out = done; });
    return out;
  }
  std::vector<std::string> asked(const char* type = "subscribe") const {
    std::vector<std::string> out;
    for (const auto& node : sent("presence"))
      if (node.is("type", type)) out.push_back(node.attr("to"));
    return out;
  }
  std::vector<PresenceEvent> told() {
    std::vector<PresenceEvent> out;
    for (const auto& effect : std::exchange(context->effects, {}))
      if (const auto* event = std::get_if<PresenceEvent>(&effect)) out.push_back(*event);
    return out;
  }
  void hear(const char* from, const char* type, const char* seen = "") {
    wire::Node presence("presence");
    EXPECT_TRUE(chat->handle(presence.set("from", jid(from)).set("type", type).set("last", seen)));
  }
  void write(const char* from, const char* state, const char* media = "", const char* participant = "") {
    wire::Node stanza("chatstate");
    stanza.set("from", jid(from)).add(wire::Node(state).set("media", media));
    if (*participant != 0) stanza.set("participant", jid(participant));
    EXPECT_TRUE(chat->handle(stanza));
  }
  std::vector<Watched> all() {
    std::vector<Watched> out;
    list_presences(chat->desk(), [&](Result<std::vector<Watched>> watched) { out = *watched; });
    return out;
  }
};

TEST_F(WatchesTest, WhatWasAskedForIsAskedForAgainOnEachLinkAndWhenTheAccountComesOnline) {
  ASSERT_TRUE(watch("4922@s.whatsapp.net"));
  ASSERT_TRUE(watch("12-34@g.us"));
  EXPECT_EQ(asked(), (std::vector<std::string>{"9922@lid", "12-34@g.us"}));
  chat->offline(fail(Cause::link_lost));
  chat->online();
  EXPECT_EQ(asked().size(), 4u);
  show_presence(chat->desk(), Shows::online, {}, [](const Result<bool>&) {});
  EXPECT_EQ(asked().size(), 6u);
  show_presence(chat->desk(), Shows::online, {}, [](const Result<bool>&) {});
  EXPECT_EQ(asked().size(), 6u);
  chat->forget();
  chat->offline(fail(Cause::link_lost));
  chat->online();
  EXPECT_EQ(asked().size(), 6u) << "a session that was stopped watches nobody";
}

TEST_F(WatchesTest, WhoIsKnownByHisNumberAloneIsFoundByTheLidThatTheServiceNames) {
  add_person("4933", "9933", {0});
  ASSERT_TRUE(watch("4933@s.whatsapp.net"));
  EXPECT_EQ(asked(), std::vector<std::string>{"9933@lid"});
  hear("9933@lid", "");
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].people.size(), 1u);
  EXPECT_EQ(told().at(0).chat, jid("4933@s.whatsapp.net"));
}

TEST_F(WatchesTest, WithoutALinkNobodyIsTakenToBeWatched) {
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  EXPECT_EQ(watch("4922@s.whatsapp.net").cause(), Cause::link_lost);
  EXPECT_TRUE(all().empty());
}

TEST_F(WatchesTest, AContactsTokenGoesAlongAndANewOneAsksAgain) {
  const auto token = [&] {
    wire::Node each("token"), tokens("tokens"), note("notification");
    each.set("jid", jid("4911@s.whatsapp.net")).set("t", std::to_string(context->server_seconds()));
    tokens.add(each.set("type", "trusted_contact").body(as_bytes("secret")));
    note.set("type", "privacy_token").set("from", jid("4922@s.whatsapp.net")).set("id", "N1");
    EXPECT_TRUE(chat->handle(note.add(std::move(tokens))));
  };
  token();
  EXPECT_TRUE(asked().empty()) << "nobody wanted to see him";
  ASSERT_TRUE(watch("9922@lid"));
  ASSERT_NE(last("presence").child("tctoken"), nullptr);
  EXPECT_EQ(last("presence").child("tctoken")->text(), "secret");
  token();
  EXPECT_EQ(asked().size(), 2u);
  ASSERT_TRUE(watch("4911@s.whatsapp.net"));
  EXPECT_EQ(last("presence").child("tctoken"), nullptr);
}

TEST_F(WatchesTest, WhatComesIsToldInBothFormsAndKeptOfWatchedChats) {
  ASSERT_TRUE(watch("4922@s.whatsapp.net"));
  hear("9922@lid", "");
  write("4922@s.whatsapp.net", "composing");
  write("9922:5@lid", "composing", "audio");
  write("9922@lid", "paused");
  hear("9922@lid", "unavailable", "1700000000");
  hear("9922@lid", "unavailable", "deny");
  const auto events = told();
  ASSERT_EQ(events.size(), 6u);
  const Showing expected[] = {Showing::online, Showing::typing,  Showing::recording,
                              Showing::paused, Showing::offline, Showing::offline};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(events[i].showing, expected[i]) << i;
    EXPECT_EQ(events[i].chat, jid("4922@s.whatsapp.net"));
    EXPECT_EQ(events[i].who_lid, jid("9922@lid"));
  }
  EXPECT_EQ(events[4].last_seen, 1700000000);
  EXPECT_EQ(events[5].last_seen, std::nullopt);
  ASSERT_EQ(all().size(), 1u);
  ASSERT_EQ(all()[0].people.size(), 1u);
  EXPECT_EQ(all()[0].people[0].showing, Showing::offline);
  hear("9922@lid", "unavailable", "none");
  EXPECT_TRUE(told().empty()) << "nothing new";
  write("9944@lid", "composing");
  EXPECT_EQ(told().size(), 1u);
  EXPECT_EQ(all().size(), 1u);
  chat->offline(fail(Cause::link_lost));
  EXPECT_TRUE(all()[0].people.empty()) << "what was known is of the former link";
}

TEST_F(WatchesTest, InAGroupItIsAMembers) {
  ASSERT_TRUE(watch("12-34@g.us"));
  write("12-34@g.us", "composing", "", "9922:5@lid");
  write("12-34@g.us", "composing");
  const auto events = told();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].chat, jid("12-34@g.us"));
  EXPECT_EQ(events[0].who, jid("4922@s.whatsapp.net"));
  EXPECT_EQ(all()[0].people.size(), 1u);
}

TEST_F(WatchesTest, NothingIsToldOfOurselvesOrOfWhatIsIgnoredOrMakesNoSense) {
  context->ignored.groups = true;
  write("12-34@g.us", "composing", "", "9922@lid");
  hear("9911:9@lid", "");
  hear("9922@lid", "something");
  write("9922@lid", "dancing");
  EXPECT_TRUE(chat->handle(wire::Node("presence")));
  EXPECT_TRUE(chat->handle(wire::Node("chatstate").set("from", jid("9922@lid"))));
  EXPECT_TRUE(told().empty());
}

TEST_F(WatchesTest, WhoLooksIsAnsweredAtOnceOrAfterASecond) {
  std::vector<Result<Watched>> answers;
  const auto look = [&](const char* who) {
    look_at_presence(chat->desk(), jid(who), [&](Result<Watched> watched) { answers.push_back(watched); });
  };
  look("4922@s.whatsapp.net");
  look("9922@lid");
  EXPECT_TRUE(answers.empty());
  ASSERT_TRUE(chat->next_wake());
  hear("9922@lid", "");
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1]->people.size(), 1u);
  look("4922@s.whatsapp.net");
  ASSERT_EQ(answers.size(), 3u) << "it is known";
  look("9944@lid");
  context->now.mono += kSecond;
  chat->wake();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_TRUE(answers[3]->people.empty());
  look("9955@lid");
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[4].cause(), Cause::link_lost);
}

TEST_F(WatchesTest, OfTooManyTheFirstGoes) {
  for (int i = 0; i < 1001; ++i) ASSERT_TRUE(watch(("99000" + std::to_string(10000 + i) + "@lid").c_str()));
  EXPECT_EQ(all().size(), 1000u);
  EXPECT_EQ(asked("unsubscribe"), std::vector<std::string>{"9900010000@lid"});
}

}  // namespace
}  // namespace pigeond::engine
