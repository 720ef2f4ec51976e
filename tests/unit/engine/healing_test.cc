// What is done about a message that was refused or not acknowledged, before it ends.
#include "engine/messages/out/healing.h"

#include "chat_world.h"
#include "store/messages/outbox.h"

namespace pigeond::engine {
namespace {

TEST(HealingPlan, RenewsTheChatThenTriesTheOtherFormThenHolds) {
  SeededRandom random(1);
  const Error refusal = refused_with(479);
  HealingTried tried;
  tried.other_form_is = true;
  EXPECT_EQ(plan_healing(refusal, tried, random).step, HealingStep::renew_chat);
  tried.renewals = 1;
  EXPECT_EQ(plan_healing(refusal, tried, random).step, HealingStep::other_form);
  tried = {1, 0, 0, 0, false};
  EXPECT_EQ(plan_healing(refusal, tried, random).step, HealingStep::hold);
  EXPECT_EQ(plan_healing(refused_with(404), tried, random).step, HealingStep::end);
}

TEST(HealingPlan, WhereTheFormMayBeAllThatIsWrongItIsChangedBeforeAnyKeyIs) {
  SeededRandom random(1);
  HealingTried tried;
  tried.other_form_is = true;
  EXPECT_EQ(plan_healing(refused_with(400), tried, random).step, HealingStep::other_form);
  tried.other_form_is = false;
  EXPECT_EQ(plan_healing(refused_with(400), tried, random).step, HealingStep::renew_chat);
  tried.renewals = 1;
  EXPECT_EQ(plan_healing(refused_with(400), tried, random).step, HealingStep::hold);
}

TEST(HealingPlan, WaitsLongerEachTimeAndNeverInStep) {
  SeededRandom random(1);
  const Error busy = refused_with(503);
  Millis before = 0;
  for (int waits = 0; waits < 4; ++waits) {
    const auto plan = plan_healing(busy, {0, waits, 0, 0, false}, random);
    EXPECT_EQ(plan.step, HealingStep::later);
    EXPECT_GT(plan.delay, before);
    before = plan.delay;
  }
  EXPECT_EQ(plan_healing(busy, {0, 4, 0, 0, false}, random).step, HealingStep::hold);
  std::set<Millis> delays;
  for (int i = 0; i < 20; ++i) delays.insert(plan_healing(busy, {}, random).delay);
  EXPECT_GT(delays.size(), 10u);
}

TEST(HealingPlan, EndsWhatNothingCanHeal) {
  SeededRandom random(1);
  for (const int code : {403, 405, 413, 463, 475, 999})
    EXPECT_EQ(plan_healing(refused_with(code), {}, random).step, HealingStep::end) << code;
}

class Healing : public ChatTest {
 protected:
  std::vector<HealingStep> steps() const {
    std::vector<HealingStep> found;
    for (const auto& trouble : effects<SendTrouble>()) found.push_back(trouble.step);
    return found;
  }
  std::size_t queries(std::string_view xmlns) const {
    std::size_t count = 0;
    for (const auto& query : service.queries) count += query.is("xmlns", xmlns) ? 1 : 0;
    return count;
  }
  void wake() {
    const auto at = chat->next_wake();
    ASSERT_TRUE(at.has_value());
    context->now.mono = std::max(*at, context->now.mono);
    chat->wake();
    commit();
  }
  // Its recipient can read it, and it is the only one that it read under this id.
  void expect_readable(const wire::Node& stanza) {
    const auto to = copies(stanza);
    auto opened = alice->devices[0]->open(to.at(stanza.attr("to")), jid("9911:7@lid"));
    EXPECT_TRUE(opened.ok());
  }
};

TEST_F(Healing, ARefusedMessageGoesOutOnceMoreUnderItsIdAfterAllIsAskedAnew) {
  send("9922@lid", "hello", 1, "ID");
  const wire::Node first = last("message");
  const auto asked_before = queries("usync"), keys_before = queries("encrypt");
  ack("ID", "479");
  ASSERT_EQ(sent("message").size(), 2u);
  const wire::Node second = last("message");
  EXPECT_EQ(second.attr("id"), "ID");
  EXPECT_GT(queries("usync"), asked_before);
  EXPECT_GT(queries("encrypt"), keys_before);
  EXPECT_NE(wire::encode(first), wire::encode(second)) << "encrypted anew, in new sessions";
  expect_readable(second);
  EXPECT_TRUE(effects<SendDone>().empty());
  ack("ID");
  EXPECT_TRUE(effects<SendDone>().at(0).ack.ok());
  EXPECT_EQ(steps(), std::vector{HealingStep::renew_chat});
}

TEST_F(Healing, TheSecondTryReachesADeviceThatNobodyHadToldUsOf) {
  send("9922@lid", "hello", 1, "ID");
  alice->listed_devices.push_back(6);
  alice->devices[6] = std::make_unique<PeerDevice>(alice->pn.with_device(6), alice->lid.with_device(6), 606);
  ack("ID", "400");
  EXPECT_TRUE(copies(last("message")).contains("9922:6@lid"));
}

TEST_F(Healing, AMappingThatIsNoLongerTrueIsLearntAnew) {
  send("4922@s.whatsapp.net", "hello", 1, "ID");
  EXPECT_EQ(last("message").attr("to"), "9922@lid");
  alice->lid = jid("9977@lid");
  ack("ID", "479");
  EXPECT_EQ(last("message").attr("to"), "9977@lid");
}

TEST_F(Healing, AHintThatTheAddressIsOldIsFollowed) {
  send("4922@s.whatsapp.net", "hello", 1, "ID");
  alice->lid = jid("9977@lid");
  wire::Node node("ack");
  node.set("class", "message").set("id", "ID").set("t", "1700000005").set("refresh_lid", "true");
  ASSERT_TRUE(handle(node));
  EXPECT_TRUE(effects<SendDone>().at(0).ack.ok());
  send("4922@s.whatsapp.net", "again", 2, "ID2");
  EXPECT_EQ(last("message").attr("to"), "9977@lid");
}

TEST_F(Healing, MessagesThatAreRefusedTogetherShareOneRenewal) {
  for (int i = 0; i < 5; ++i)
    send("9922@lid", "text", static_cast<RequestId>(i + 1), "ID" + std::to_string(i));
  const auto before = queries("encrypt") + queries("usync");
  for (int i = 0; i < 5; ++i) ack("ID" + std::to_string(i), "400");
  EXPECT_EQ(sent("message").size(), 10u);
  EXPECT_LE(queries("encrypt") + queries("usync") - before, 4u);
}

TEST_F(Healing, BeforeASessionIsGivenUpOnlyWhatWasRefusedEnds) {
  send("9922@lid", "refused", 1, "ID");
  ack("ID", "400");
  ack("ID", "400");
  send("9922@lid", "not tried yet", 2, "ID2");
  chat->end_troubled();
  commit();
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].id, "ID");
  EXPECT_EQ(done[0].ack.cause(), Cause::bad_request);
  service.sent.clear();
  chat.reset();
  start();
  commit();
  ASSERT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(last("message").attr("id"), "ID2");
}

TEST_F(Healing, TheOtherFormComesFirstAndIsRememberedForTheChat) {
  send("4922@s.whatsapp.net", "hello", 1, "ID");
  const auto keys_before = queries("encrypt");
  ack("ID", "400");
  EXPECT_EQ(queries("encrypt"), keys_before) << "no key is thrown away for it";
  EXPECT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  for (const auto& [device, enc] : copies(last("message")))
    EXPECT_NE(device.find("@s.whatsapp.net"), std::string::npos) << "one form for all";
  ack("ID");
  EXPECT_TRUE(effects<SendDone>().at(0).ack.ok());
  send("4922@s.whatsapp.net", "again", 2, "ID2");
  EXPECT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
}

TEST_F(Healing, WhatNothingHelpedIsHeldUntilSomebodyEndsIt) {
  send("4922@s.whatsapp.net", "hello", 1, "ID");
  for (int i = 0; i < 3; ++i) ack("ID", "400");
  EXPECT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(chat->standing("ID")->waiting, Waiting::decision);
  EXPECT_EQ(steps(), (std::vector{HealingStep::other_form, HealingStep::renew_chat, HealingStep::hold}));
  EXPECT_TRUE(effects<SendDone>().empty());
  send("4922@s.whatsapp.net", "behind it", 2, "ID2");
  EXPECT_EQ(sent("message").size(), 3u) << "the order of the chat is kept";
  send("4933@s.whatsapp.net", "nobody");
  add_person("4955", "9955", {0});
  send("4955@s.whatsapp.net", "another chat", 3, "ID3");
  EXPECT_EQ(last("message").attr("id"), "ID3");
  chat->end_held("ID3");
  chat->end_held("ID");
  commit();
  const auto done = effects<SendDone>();
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back().id, "ID");
  EXPECT_EQ(done.back().ack.error().code, 400);
  EXPECT_EQ(done.back().ack.cause(), Cause::bad_request);
  EXPECT_EQ(last("message").attr("id"), "ID2");
}

TEST_F(Healing, WhatIsHeldGoesOutAgainWithTheNextLogin) {
  send("9922@lid", "hello", 1, "ID");
  for (int i = 0; i < 3; ++i) ack("ID", "400");
  chat->offline(fail(Cause::link_lost));
  service.sent.clear();
  chat->online();
  commit();
  ASSERT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(last("message").attr("id"), "ID");
}

TEST_F(Healing, ARestartOfTheProgramForgetsNoneOfTheTries) {
  send("9922@lid", "hello", 1, "ID");
  ack("ID", "479");
  service.sent.clear();
  context->effects.clear();
  chat.reset();
  start();
  commit();
  ASSERT_EQ(sent("message").size(), 1u);
  ack("ID", "479");
  EXPECT_EQ(steps(), std::vector{HealingStep::hold}) << "the chat's own healing is used up";
}

TEST_F(Healing, AServiceInTroubleIsAskedAgainLaterWithTheSameBytes) {
  send("9922@lid", "hello", 1, "ID");
  const wire::Node first = last("message");
  send("9922@lid", "behind it", 2, "ID2");
  ack("ID2");
  ack("ID", "503");
  EXPECT_EQ(sent("message").size(), 2u);
  send("9922@lid", "later", 3, "ID3");
  EXPECT_EQ(sent("message").size(), 2u) << "it waits its turn";
  EXPECT_EQ(chat->standing("ID")->waiting, Waiting::delay);
  EXPECT_GT(chat->standing("ID")->until, context->now.wall);
  EXPECT_EQ(chat->standing("ID3")->waiting, Waiting::order);
  wake();
  const auto all = sent("message");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(wire::encode(all[2]), wire::encode(first));
  EXPECT_EQ(all[3].attr("id"), "ID3");
}

TEST_F(Healing, AServiceThatWantsFewerMessagesGetsNoneForATime) {
  add_person("4955", "9955", {0});
  send("9922@lid", "hello", 1, "ID");
  ack("ID", "429");
  const auto troubles = effects<SendTrouble>();
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].step, HealingStep::pause);
  EXPECT_GE(troubles[0].delay, 8 * kSecond);
  send("4955@s.whatsapp.net", "another chat", 2, "ID2");
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(chat->standing("ID")->waiting, Waiting::pause);
  EXPECT_EQ(chat->standing("ID")->until, context->now.wall + troubles[0].delay);
  EXPECT_EQ(chat->standing("ID2")->waiting, Waiting::pause);
  for (int i = 0; i < 3 && sent("message").size() < 3; ++i) wake();
  EXPECT_EQ(sent("message").size(), 3u);
  EXPECT_TRUE(effects<SendDone>().empty()) << "nothing is lost by it";
}

TEST_F(Healing, AMissingAckIsFollowedByAPingAndThenByTheSameBytes) {
  send("9922@lid", "hello", 1, "ID");
  const wire::Node first = last("message");
  wake();
  const auto row = store::Outbox(*database, session).find("ID");
  EXPECT_EQ(row->cause, cause_name(Cause::no_ack));
  EXPECT_EQ(row->attempts, 2);
  EXPECT_EQ(queries("w:p"), 1u);
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(wire::encode(last("message")), wire::encode(first));
  EXPECT_TRUE(service.given_up.empty());
  ack("ID");
  EXPECT_TRUE(effects<SendDone>().at(0).ack.ok());
}

TEST_F(Healing, ALinkThatAnswersNeitherIsGivenUp) {
  service.answers_pings = false;
  send("9922@lid", "hello", 1, "ID");
  wake();
  EXPECT_EQ(sent("message").size(), 1u);
  wake();
  ASSERT_EQ(service.given_up.size(), 1u);
  EXPECT_EQ(service.given_up[0].cause, Cause::no_ack);
  chat->offline(service.given_up[0]);
  chat->online();
  commit();
  EXPECT_EQ(sent("message").size(), 2u);
  while (steps().back() != HealingStep::hold) wake();
  EXPECT_EQ(steps(), (std::vector{HealingStep::ping, HealingStep::reconnect, HealingStep::hold}));
  EXPECT_TRUE(effects<SendDone>().empty());
}

TEST_F(Healing, NothingGoesOutWithoutEnd) {
  send("9922@lid", "hello", 1, "ID");
  for (int i = 0; i < 200 && effects<SendDone>().empty(); ++i) {
    ack("ID", "500");
    chat->offline(fail(Cause::link_lost));
    chat->online();
    commit();
  }
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].ack.cause(), Cause::service_trouble);
  EXPECT_LE(sent("message").size(), 16u);
  EXPECT_FALSE(chat->next_wake().has_value());
}

}  // namespace
}  // namespace pigeond::engine
