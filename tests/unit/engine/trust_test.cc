// Refused for lack of trust: what is tried, what never is, and what the caller is told.
#include "base/text.h"
#include "engine/messages/desk.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class TrustTest : public ChatTest {
 protected:
  static constexpr std::int64_t kNow = 1700000000;

  TrustTest() {
    service.account_answers["w:mex"] = [this](const wire::Node& iq) {
      const bool timelock = iq.child("query")->is("query_id", "23983697327930364");
      wire::Node result("iq");
      const std::string& json = timelock ? timelock_json : capping_json;
      if (json.empty()) return Result<wire::Node>(fail(Cause::timed_out));
      return Result<wire::Node>(result.add(wire::Node("result").body(as_bytes(json))));
    };
    start();
    commit();
  }
  static std::string lock_json(const std::string& active, const std::string& ends) {
    return R"({"data":{"xwa2_fetch_account_reachout_timelock":{"is_active":)" + active +
           R"(,"time_enforcement_ends":)" + ends + R"(,"enforcement_type":"WEB_COMPANION_ONLY"}}})";
  }
  std::string token_of(const wire::Node& message) {
    const auto* token = message.child("tctoken");
    return token == nullptr ? std::string() : hex_lower(token->bytes());
  }
  void notify(const std::string& op, const std::string& json) {
    wire::Node note("notification");
    note.set("id", "m").set("type", "mex").set("from", jid("s.whatsapp.net"));
    note.add(wire::Node("update").set("op_name", op).body(as_bytes(json)));
    ASSERT_TRUE(handle(note));
  }
  // The contact's token comes by notification.
  void give(Bytes token, const std::string& from = "9922@lid") {
    wire::Node note("notification"), tokens("tokens"), one("token");
    one.set("type", "trusted_contact").set("t", std::to_string(++given_)).body(std::move(token));
    note.set("id", "n").set("type", "privacy_token").set("from", jid(from)).add(tokens.add(one));
    ASSERT_TRUE(handle(note));
  }
  std::vector<std::string> subscribed() const {
    std::vector<std::string> found;
    for (const auto& presence : sent("presence"))
      if (presence.is("type", "subscribe")) found.push_back(presence.attr("to"));
    return found;
  }
  void pass_until_wake() {
    ASSERT_TRUE(chat->next_wake());
    context->now.mono = std::max(context->now.mono, *chat->next_wake());
    chat->wake();
    commit();
  }
  Error refusal() {
    const auto done = effects<SendDone>();
    EXPECT_EQ(done.size(), 1u);
    if (done.size() != 1 || done[0].ack.ok()) return {};
    return done[0].ack.error();
  }

  std::string timelock_json = lock_json("false", "\"0\"");
  std::string capping_json;

 private:
  std::int64_t given_ = kNow - 100;
};

TEST_F(TrustTest, ATokenThatCameMeanwhileIsShownUnderTheSameIdWithTheSameCiphertexts) {
  send("9922@lid", "text", 1, "A");
  give({6, 6});
  ack("A", "463");
  const auto written = sent("message");
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(token_of(written[0]), "");
  EXPECT_EQ(token_of(written[1]), "0606");
  EXPECT_EQ(written[1].attr("id"), "A");
  EXPECT_EQ(*written[0].child("participants"), *written[1].child("participants"));
  EXPECT_TRUE(effects<SendDone>().empty());
  EXPECT_TRUE(subscribed().empty());
  ack("A");
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_TRUE(effects<SendDone>()[0].ack.ok());
}

TEST_F(TrustTest, ASaltThatCameMeanwhileMakesOne) {
  send("9922@lid", "text", 1, "A");
  store::PrivacyTokens(*database, session).set_salt(as_bytes("salt"));
  Desk(*context, service).tokens.set_salt(as_bytes("salt"));
  chat->forget();  // what is in memory
  chat->online();
  ack("A", "463");
  ASSERT_NE(last("message").child("cstoken"), nullptr);
}

// Without a known number there is no other address. The contact is looked up, and their token waited for.
TEST_F(TrustTest, ATokenThatComesWithinSecondsIsWaitedForOnce) {
  send("9922@lid", "text", 1, "A");
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(subscribed(), std::vector<std::string>{"9922@lid"});
  EXPECT_EQ(chat->standing("A")->waiting, Waiting::trust);
  give({9}, "9966@lid");  // somebody else's
  EXPECT_EQ(sent("message").size(), 1u);
  give({6, 6});
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(token_of(last("message")), "0606");
  give({7, 7});
  ack("A", "463");  // one that came meanwhile
  ASSERT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(token_of(last("message")), "0707");
  give({8, 8});
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(refusal().cause, Cause::token_missing);
  EXPECT_EQ(refusal().code, 463);
}

TEST_F(TrustTest, ATokenThatDoesNotComeIsNotWaitedForLong) {
  send("9922@lid", "text", 1, "A");
  ack("A", "463");
  EXPECT_TRUE(effects<SendDone>().empty());
  ASSERT_TRUE(chat->next_wake());
  EXPECT_LE(*chat->next_wake(), context->now.mono + 5000);
  pass_until_wake();
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(refusal().cause, Cause::token_missing);
  EXPECT_EQ(effects<AckEvent>().at(0).ack, -1);
  // On this link nothing more is to be hoped for by that.
  send("9922@lid", "text", 2, "B");
  ack("B", "463");
  EXPECT_EQ(subscribed().size(), 1u);
  EXPECT_EQ(effects<SendDone>().size(), 2u);
}

TEST_F(TrustTest, TheTokenThatWasShownIsNothingNew) {
  give({6, 6});
  send("9922@lid", "text", 2, "B");
  EXPECT_EQ(token_of(last("message")), "0606");
  ack("B", "463");
  EXPECT_EQ(sent("message").size(), 1u);
}

TEST_F(TrustTest, WhatIsShownAgainIsWhatAnotherLinkRepeats) {
  send("9922@lid", "text", 1, "A");
  give({6, 6});
  ack("A", "463");
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  service.is_online = true;
  chat->online();
  commit();
  EXPECT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(token_of(last("message")), "0606");
}

TEST_F(TrustTest, WhoIsRefusedByHiddenIdIsTriedByNumberOnceAndThatIsRemembered) {
  send("4922@s.whatsapp.net", "text", 1, "A");
  ASSERT_EQ(last("message").attr("to"), "9922@lid");
  ack("A", "463");
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  for (const auto& [device, enc] : copies(last("message")))
    EXPECT_NE(device.find("@s.whatsapp.net"), std::string::npos) << "one form for all";
  EXPECT_EQ(effects<SendTrouble>().at(0).step, HealingStep::other_form);
  ack("A");
  EXPECT_TRUE(effects<SendDone>().at(0).ack.ok());
  chat.reset();
  start();  // another process
  send("9922@lid", "text", 2, "B");
  EXPECT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  ack("B", "463");  // the contact moved
  EXPECT_EQ(last("message").attr("to"), "9922@lid");
  ack("B");
  send("9922@lid", "text", 3, "C");
  EXPECT_EQ(last("message").attr("to"), "9922@lid");
}

TEST_F(TrustTest, AnAddressThatIsNoneSaysNothingAboutTrust) {
  send("4922@s.whatsapp.net", "text", 1, "A");
  ack("A", "463");
  ASSERT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  ack("A", "400");
  EXPECT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(subscribed().size(), 1u);
  pass_until_wake();
  EXPECT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(refusal().cause, Cause::token_missing);
}

TEST_F(TrustTest, ARestartKnowsInWhichFormItWent) {
  send("4922@s.whatsapp.net", "text", 1, "A");
  ack("A", "463");
  chat.reset();
  start();
  commit();
  ASSERT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  ack("A", "463");
  give({6, 6});
  // A token gives the usual form another chance.
  EXPECT_EQ(last("message").attr("to"), "9922@lid");
  EXPECT_EQ(token_of(last("message")), "0606");
}

TEST_F(TrustTest, ALockedAccountNeverTriesAgainAndSaysUntilWhen) {
  timelock_json = lock_json("true", "\"1700003600\"");
  send("9922@lid", "text", 1, "A");
  give({6, 6});
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_TRUE(subscribed().empty());
  EXPECT_EQ(refusal().cause, Cause::reachout_locked);
  EXPECT_EQ(refusal().code, 463);
  EXPECT_EQ(send_cause_of(refusal()).scope, Scope::account);
  EXPECT_EQ(send_cause_of(refusal()).suspicion, Suspicion::none);
  EXPECT_NE(refusal().detail.find("2023-11-14T23:13:20Z (WEB_COMPANION_ONLY)"), std::string::npos)
      << refusal().detail;
  const auto told = effects<TimelockChanged>();
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(told.back().timelock.active);
  EXPECT_EQ(told.back().timelock.ends, 1700003600);
}

TEST_F(TrustTest, AKnownLockNeedsNoQuestion) {
  notify("NotificationUserReachoutTimelockUpdate",
         R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true,)"
         R"("time_enforcement_ends":1700003600,"enforcement_type":"BIZ_QUALITY"}}})");
  send("9922@lid", "text", 1, "A");
  service.account_queries.clear();
  ack("A", "463");
  EXPECT_TRUE(service.account_queries.empty());
  EXPECT_NE(refusal().detail.find("(BIZ_QUALITY)"), std::string::npos) << refusal().detail;
  EXPECT_EQ(refusal().retry_after, 3600 * kSecond);
}

TEST_F(TrustTest, ALockThatIsOverIsNone) {
  timelock_json = lock_json("true", "1699999999");
  send("9922@lid", "text", 1, "A");
  give({6, 6});
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 2u);
}

TEST_F(TrustTest, ANumberWhoseHiddenIdTurnsUpIsAddressedByIt) {
  Person* carol = add_person("4933", "", {0});
  send("4933@s.whatsapp.net", "text", 1, "A");
  EXPECT_EQ(last("message").attr("to"), "4933@s.whatsapp.net");
  carol->lid = wire::lid("9933");
  carol->devices[0] = std::make_unique<PeerDevice>(carol->pn, carol->lid, 99);
  ack("A", "463");
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(last("message").attr("to"), "9933@lid");
  EXPECT_EQ(last("message").attr("id"), "A");
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 2u);
  pass_until_wake();
  EXPECT_EQ(refusal().cause, Cause::token_missing);
}

TEST_F(TrustTest, AServiceThatDoesNotAnswerIsNotWaitedForLong) {
  send("9922@lid", "text", 1, "A");
  service.hold_account = true;
  ack("A", "463");
  EXPECT_TRUE(effects<SendDone>().empty());
  ASSERT_TRUE(chat->next_wake());
  EXPECT_LE(*chat->next_wake(), context->now.mono + 5000);
  context->now.mono = *chat->next_wake();
  chat->wake();
  commit();
  EXPECT_EQ(refusal().cause, Cause::token_missing);
  give({6, 6});
  service.release_account();  // too late
  commit();
  EXPECT_EQ(sent("message").size(), 1u);
}

// Whether the account is locked is not known when the link goes before the answer: a locked one must not try
// at another address, and a token may have come once that is known.
TEST_F(TrustTest, WhatIsInQuestionWhenTheLinkGoesIsAskedAnewOnTheNext) {
  send("4922@s.whatsapp.net", "text", 1, "A");  // there is another address
  service.hold_account = true;
  ack("A", "463");
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  commit();
  EXPECT_TRUE(effects<SendDone>().empty());
  service.is_online = true;
  service.hold_account = false;
  timelock_json = lock_json("true", std::to_string(kNow + 3600));
  chat->online();
  commit();
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(refusal().cause, Cause::reachout_locked);
}

TEST_F(TrustTest, ALookUpThatTheLinkTakesAlongIsMadeAnew) {
  send("9922@lid", "text", 1, "A");
  ack("A", "463");  // a token is waited for
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  commit();
  EXPECT_TRUE(effects<SendDone>().empty());
  give({6, 6});
  service.is_online = true;
  chat->online();
  commit();
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(token_of(last("message")), "0606");
}

// Neither blindly, nor a second time: that it was refused outlives the process.
TEST_F(TrustTest, ARestartOfTheProcessAsksBeforeItTriesAgain) {
  send("9922@lid", "text", 1, "A");
  service.hold_account = true;
  ack("A", "463");
  chat.reset();
  service.lose_link();
  service.is_online = true;
  start();
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(chat->standing("A")->waiting, Waiting::trust);
  give({6, 6});
  service.hold_account = false;
  service.release_account();
  commit();
  ASSERT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(token_of(last("message")), "0606");
  ASSERT_EQ(effects<SendTrouble>().size(), 1u);
  EXPECT_EQ(effects<SendTrouble>()[0].step, HealingStep::present_token);

  chat.reset();
  service.lose_link();
  service.is_online = true;
  start();
  EXPECT_EQ(sent("message").size(), 3u);  // it may not have arrived
  give({7, 7});
  ack("A", "463");
  pass_until_wake();
  EXPECT_EQ(sent("message").size(), 3u);
  EXPECT_EQ(refusal().cause, Cause::token_missing);
}

TEST_F(TrustTest, TheEndOfAPauseDoesNotSendWhatIsStillInQuestion) {
  add_person("4966", "9966", {0});
  send("9922@lid", "text", 1, "A");
  send("9966@lid", "text", 2, "B");
  service.hold_account = true;
  ack("B", "429");
  const Millis pause = effects<SendTrouble>().at(0).delay;
  const Millis begin = context->now.mono;
  context->now.mono = begin + pause - 100;
  ack("A", "463");
  context->now.mono = begin + pause + 100;
  chat->wake();
  commit();
  const auto written = sent("message");
  ASSERT_EQ(written.size(), 3u);
  EXPECT_EQ(written[2].attr("id"), "B");
}

// Refused with 463 after it had gone by number because the LID was refused: that a LID is known is no news.
TEST_F(TrustTest, TheFormThatWasRefusedBeforeIsNoReasonToTryAgain) {
  send("4922@s.whatsapp.net", "text", 1, "A");
  ack("A", "400");
  ASSERT_EQ(last("message").attr("to"), "4922@s.whatsapp.net");
  ack("A", "463");
  EXPECT_EQ(sent("message").size(), 2u);
  pass_until_wake();
  EXPECT_EQ(refusal().cause, Cause::token_missing);
}

TEST_F(TrustTest, OtherChatsGoOn) {
  add_person("4966", "9966", {0});
  service.hold_account = true;
  send("9922@lid", "text", 1, "A");
  send("9966@lid", "text", 2, "B");
  ack("A", "463");
  ack("B");
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].id, "B");
  EXPECT_TRUE(done[0].ack.ok());
}

TEST_F(TrustTest, ACappedAccountSaysUntilWhen) {
  capping_json =
      R"({"data":{"xwa2_message_capping_info":{"total_quota":10,"used_quota":"10",)"
      R"("cycle_start_timestamp":"1699990000","cycle_end_timestamp":1700003600,"ote_status":"NOT_ELIGIBLE",)"
      R"("mv_status":"NOT_ACTIVE","capping_status":"CAPPED","server_sent_timestamp":"1700000000"}}})";
  send("9922@lid", "text", 1, "A");
  ack("A", "475");
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(refusal().cause, Cause::chats_capped);
  EXPECT_EQ(refusal().code, 475);
  EXPECT_NE(refusal().detail.find("2023-11-14T23:13:20Z"), std::string::npos) << refusal().detail;
  const auto told = effects<CappingChanged>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].capping.status, "CAPPED");
  EXPECT_EQ(told[0].capping.total, 10);
  EXPECT_EQ(told[0].capping.used, 10);
  EXPECT_EQ(told[0].capping.cycle_start, 1699990000);
}

using Limits = TrustTest;

TEST_F(Limits, AreHeardFromNotificationsAndKept) {
  notify("MessageCappingInfoNotification",
         R"({"data":{"xwa2_notify_new_chat_messages_capping_info_update":{"capping_status":"FIRST_WARNING",)"
         R"("total_quota":"50","used_quota":"40"}}})");
  EXPECT_EQ(last("ack").attr("id"), "m");
  const auto told = effects<CappingChanged>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].capping.used, 40);
  EXPECT_EQ(store::AccountLimits(*database, session).capping(), told[0].capping);
}

TEST_F(Limits, AreToldOnceAsLongAsTheyStayTheSame) {
  const auto before = effects<TimelockChanged>().size();
  for (int i = 0; i < 2; ++i)
    notify("NotificationUserReachoutTimelockUpdate",
           R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true,)"
           R"("time_enforcement_ends":"1700003600"}}})");
  EXPECT_EQ(effects<TimelockChanged>().size(), before + 1);
  EXPECT_EQ(effects<TimelockChanged>().back().timelock.type, "DEFAULT");
}

TEST_F(Limits, ALockWithoutAnEndIsTakenToLastAMinute) {
  notify("NotificationUserReachoutTimelockUpdate",
         R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true}}})");
  EXPECT_EQ(effects<TimelockChanged>().back().timelock.ends, kNow + 60);
}

TEST_F(Limits, AreAskedForAgainWhenTheLockShouldBeOver) {
  notify("NotificationUserReachoutTimelockUpdate",
         R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true,)"
         R"("time_enforcement_ends":"1700000100"}}})");
  ASSERT_TRUE(chat->next_wake());
  const Millis wait = *chat->next_wake() - context->now.mono;
  EXPECT_GE(wait, 100 * kSecond);
  context->now = {context->now.mono + wait, context->now.wall + wait};
  chat->wake();
  EXPECT_FALSE(effects<TimelockChanged>().back().timelock.active);
  EXPECT_FALSE(chat->next_wake());
}

TEST_F(Limits, NonsenseChangesNothing) {
  const auto before = effects<TimelockChanged>().size() + effects<CappingChanged>().size();
  wire::Node note("notification");
  note.set("id", "m").set("type", "mex").set("from", jid("s.whatsapp.net"));
  for (const std::string& json :
       {std::string("{"), std::string("[]"), std::string("{\"data\":null}"),
        std::string(R"({"data":{"xwa2_notify_account_reachout_timelock":7}})"),
        std::string(R"({"errors":[{"message":"x"}],"data":{"xwa2_notify_account_reachout_timelock":{}}})"),
        std::string(100000, '['), std::string(R"({"data":{"xwa2_notify_newsletter_on_join":{}}})")}) {
    wire::Node one = note;
    one.add(wire::Node("update").set("op_name", "x").body(as_bytes(json)));
    EXPECT_FALSE(chat->handle(one));
  }
  EXPECT_EQ(effects<TimelockChanged>().size() + effects<CappingChanged>().size(), before);
}

}  // namespace
}  // namespace pigeond::engine
