// What programs are told of calls: each once, and how it ended once.
#include "engine/messages/desk.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class CallEvents : public ChatTest {
 protected:
  using What = CallEvent::What;

  using Attributes = std::vector<std::pair<const char*, std::string>>;

  wire::Node action(const char* tag, const std::string& id, const Attributes& more = {}) {
    wire::Node child(tag);
    child.set("call-id", id).set("call-creator", alice->lid.with_device(5));
    if (child.tag == "offer") child.set("caller_pn", alice->pn);
    for (const auto& [name, value] : more) child.set(name, value);
    return child;
  }
  wire::Node stanza(wire::Node child) {
    wire::Node call("call");
    call.set("from", alice->lid).set("id", "C" + std::to_string(++stanzas_)).set("t", "1700000009");
    return call.add(std::move(child));
  }
  void hear(const char* tag, const std::string& id = "A1", const std::string& reason = {}) {
    EXPECT_TRUE(handle(stanza(action(tag, id, {{"reason", reason}}))));
  }
  std::vector<What> told() const {
    std::vector<What> out;
    for (const auto& event : effects<CallEvent>()) out.push_back(event.what);
    return out;
  }

 private:
  int stanzas_ = 0;
};

TEST_F(CallEvents, AnOfferIsToldOnceHoweverOftenItComesAndAlsoAfterARestart) {
  hear("offer");
  hear("offer");
  hear("offer_notice");
  start();
  hear("offer");
  ASSERT_EQ(told(), std::vector{What::received});
  const CallEvent call = effects<CallEvent>().front();
  EXPECT_EQ(call.id, "A1");
  EXPECT_EQ(call.chat, alice->lid) << "of the number there is the caller's word alone";
  EXPECT_EQ(call.timestamp, 1700000009);
  EXPECT_FALSE(call.video || call.group || call.missed);
  hear("offer", "A2");
  ASSERT_EQ(told().size(), 2u);
  EXPECT_EQ(effects<CallEvent>().back().chat, alice->pn) << "the service said that the number is theirs";
}

TEST_F(CallEvents, WhatACallerWritesInTheOfferMakesThemNobodyElse) {
  Person* victim = add_person("4944", "9944", {0});
  const auto forged = [&](const char* tag, const std::string& id) {
    wire::Node child(tag);
    child.set("call-id", id).set("call-creator", victim->lid.with_device(0));
    return child.set("caller_pn", victim->pn).set("caller_lid", victim->lid);
  };
  service.hold = true;
  handle(stanza(forged("offer", "A1")));
  ASSERT_EQ(told(), std::vector{What::received});
  EXPECT_EQ(effects<CallEvent>().front().chat, alice->lid);
  EXPECT_TRUE(chat->desk().lids.pn(alice->lid).empty());
  EXPECT_TRUE(chat->desk().lids.lid(victim->pn).empty());
  service.hold = false;
  service.release();
  EXPECT_TRUE(chat->desk().lids.pn(alice->lid).empty());
  EXPECT_EQ(chat->desk().lids.lid(victim->pn), victim->lid) << "as the service said, which was asked";

  // Nor does it end a call of somebody else's.
  wire::Node theirs("offer");
  theirs.set("call-id", "V1").set("call-creator", victim->lid.with_device(0));
  wire::Node call = stanza(std::move(theirs));
  handle(call.set("from", victim->lid));
  context->effects.clear();
  handle(stanza(forged("terminate", "V1")));
  wire::Node in_group = forged("terminate", "V1");
  handle(stanza(in_group.set("group-jid", "1-2@g.us")));
  EXPECT_TRUE(told().empty());
}

TEST_F(CallEvents, InAGroupItIsTheOneWhoBeganIt) {
  wire::Node offer = action("offer_notice", "G", {{"type", "group"}});
  wire::Node call = stanza(std::move(offer));
  handle(call.set("from", jid("1-2@g.us")));
  ASSERT_EQ(told(), std::vector{What::received});
  EXPECT_EQ(effects<CallEvent>().front().chat, alice->lid);
}

TEST_F(CallEvents, ItsEndIsToldOnceAndAsWhatItWas) {
  const std::tuple<const char*, const char*, What> ends[] = {
      {"terminate", "accepted_elsewhere", What::accepted},
      {"accept", "", What::accepted},
      {"terminate", "rejected_elsewhere", What::rejected},
      {"terminate", "timeout", What::rejected},
      {"terminate", "", What::rejected},
      {"reject", "", What::rejected}};
  int number = 0;
  for (const auto& [action, reason, what] : ends) {
    const std::string id = "E" + std::to_string(++number);
    context->effects.clear();
    hear("offer", id);
    hear(action, id, reason);
    hear("terminate", id);
    EXPECT_EQ(told(), (std::vector{What::received, what})) << action << " " << reason;
  }
  context->effects.clear();
  hear("terminate", "NEVER");
  EXPECT_TRUE(told().empty()) << "of a call that nobody was told of";
}

TEST_F(CallEvents, OneThatWasOverBeforeAnybodyHeardIsToldAsMissed) {
  wire::Node old = stanza(action("offer", "A1"));
  handle(old.set("offline", "1"));
  ASSERT_EQ(told(), std::vector{What::received});
  EXPECT_TRUE(effects<CallEvent>().front().missed);
}

TEST_F(CallEvents, VideoAndGroupsAreSeen) {
  wire::Node video = action("offer", "V");
  video.add(wire::Node("video"));
  handle(stanza(std::move(video)));
  handle(stanza(action("offer_notice", "G", {{"media", "video"}, {"type", "group"}})));
  const auto events = effects<CallEvent>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(events[0].video && !events[0].group);
  EXPECT_TRUE(events[1].video && events[1].group);
}

TEST_F(CallEvents, NeitherOurOwnNorOneWithoutAUsableIdIsTold) {
  wire::Node ours("offer");
  ours.set("call-id", "O").set("call-creator", jid("9911:9@lid"));
  handle(stanza(std::move(ours)));
  hear("offer", std::string(65, 'A'));
  hear("offer", "\xff");
  hear("offer", "");
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(sent("ack").size(), 4u) << "each is answered";
}

TEST_F(CallEvents, ACallIsForgottenWhenThereAreManyOthers) {
  for (int number = 0; number < 1010; ++number) hear("offer", "N" + std::to_string(number));
  auto count = database->prepare("SELECT count(*) FROM call");
  ASSERT_TRUE(count.step());
  EXPECT_EQ(count.integer(0), 1000);
}

}  // namespace
}  // namespace pigeond::engine
