// Privacy tokens, timelock and capping as the simulated service keeps them.
#include "crypto/hash.h"
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class SandboxTrust : public SandboxTest {
 protected:
  // Clients here answer nothing, for days.
  SandboxTrust() { service->world().policy.answer_time = 30 * kDay; }

  std::string seconds(std::int64_t from_now = 0) const {
    return std::to_string(now.unix_seconds() + from_now);
  }
  wire::Node issue(ScriptedClient& who, const wire::Jid& to, const std::string& time) {
    wire::Node token("token");
    token.set("jid", to).set("t", time).set("type", "trusted_contact");
    return ask(who, who.iq("set", "privacy", wire::Node("tokens").add(std::move(token))));
  }
  wire::Node with_token(wire::Node message, Bytes bytes, const char* tag = "tctoken") {
    return message.add(wire::Node(tag).body(std::move(bytes)));
  }
  Bytes given_in(const wire::Node& holder) { return holder.path({"tokens", "token"})->bytes(); }
  // Bob's phone gives Alice a token; what her companions are told.
  Bytes given_by_bob(ScriptedClient& who) {
    EXPECT_TRUE(service->give_token(now, kBob, kAlice, true));
    pump();
    const wire::Node* note = who.last("notification");
    return note == nullptr ? Bytes() : given_in(*note);
  }
  void require_token() {
    Fault wanted;
    wanted.kind = FaultKind::token_required;
    wanted.account = kAlice;
    wanted.to = kBob;
    service->add_fault(now, wanted);
  }
  std::string mex(ScriptedClient& who, const char* id) {
    const auto answer =
        ask(who, who.iq("get", "w:mex", wire::Node("query").set("query_id", id).body(as_bytes("{}"))));
    const wire::Node* result = answer.child("result");
    return result == nullptr ? std::string() : result->text();
  }
};

TEST_F(SandboxTrust, TheAnswerToAGivenTokenIsEmptyThoughTheContactGaveOne) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_TRUE(service->give_token(now, kBob, kAlice, false));
  pump();
  const wire::Node answer = issue(who, bob(), seconds());
  EXPECT_TRUE(answer.is("type", "result"));
  EXPECT_TRUE(answer.children().empty());
  EXPECT_EQ(who.last("notification"), nullptr);
  EXPECT_TRUE(rules().empty());
}

TEST_F(SandboxTrust, WhoLooksAContactUpIsToldOfATokenThatItMissedOnlyIfTheContactIsSo) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_TRUE(service->give_token(now, kBob, kAlice, false));
  const wire::Node look = wire::Node("presence").set("type", "subscribe").set("to", bob());
  send(who, look);
  ASSERT_EQ(who.last("notification"), nullptr);
  service->world().account(kBob)->tells_watchers = true;
  send(who, look);
  ASSERT_NE(who.last("notification"), nullptr);
  EXPECT_EQ(given_in(*who.last("notification")).size(), 16u);
  answer_notifications(who);
  const auto told = who.all("notification").size();
  send(who, look);
  EXPECT_EQ(who.all("notification").size(), told);
}

TEST_F(SandboxTrust, ARequiredTokenLetsTheMessageThrough) {
  ScriptedClient& who = linked(kAlice);
  require_token();
  const wire::Node message = text(who, "M1", bob(), "hello");
  send(who, message);
  EXPECT_EQ(last_error(who), "463");
  const Bytes token = given_by_bob(who);
  send(who, with_token(message, token));
  EXPECT_EQ(last_error(who), "");
  EXPECT_EQ(service->phone(kBob)->log().since(0).size(), 1u);
  EXPECT_TRUE(rules().empty());
}

TEST_F(SandboxTrust, ATokenThatTheContactDidNotGiveIsReported) {
  ScriptedClient& who = linked(kAlice);
  given_by_bob(who);
  send(who, with_token(text(who, "M1", bob(), "hello"), {1, 2, 3}));
  EXPECT_EQ(rules(), std::vector<std::string>{"token-wrong"});
}

TEST_F(SandboxTrust, AnExpiredTokenIsReported) {
  ScriptedClient& who = linked(kAlice);
  const Bytes token = given_by_bob(who);
  answer_notifications(who);
  advance(21 * kDay);
  send(who, with_token(text(who, "M1", bob(), "hello"), token));
  EXPECT_TRUE(rules().empty());
  answer_receipts(who);
  advance(8 * kDay);
  send(who, with_token(text(who, "M2", bob(), "hello"), token));
  EXPECT_EQ(rules(), std::vector<std::string>{"token-expired"});
}

TEST_F(SandboxTrust, ATokenDoesNotBelongOnAMessageToOneself) {
  ScriptedClient& who = linked(kAlice);
  send(who, with_token(text(who, "M1", alice(), "note"), {1}));
  EXPECT_EQ(last_error(who), "479");
  EXPECT_EQ(rules(), std::vector<std::string>{"token-on-self"});
}

TEST_F(SandboxTrust, ATokenIsBytes) {
  ScriptedClient& who = linked(kAlice);
  wire::Node message = text(who, "M1", bob(), "hello"), token("tctoken");
  token.content = std::string("type");  // a token of the dictionary
  send(who, message.add(token));
  EXPECT_EQ(last_error(who), "479");
  EXPECT_TRUE(broke("token-malformed"));
}

TEST_F(SandboxTrust, StrangersAreReachedWithTheSaltedToken) {
  ScriptedClient& who = linked(kAlice);
  require_token();
  const wire::Node message = text(who, "M1", bob(), "hello");
  const auto& salt = service->world().account(kAlice)->nct_salt;
  const std::string lid = service->world().account(kBob)->jid(Form::lid).text();
  send(who, with_token(message, to_bytes(ByteView(crypto::hmac_sha256(salt, as_bytes(lid)))), "cstoken"));
  EXPECT_EQ(last_error(who), "");
  EXPECT_TRUE(rules().empty());
  send(who, with_token(text(who, "M2", bob(), "hello"), Bytes(32, 7), "cstoken"));
  EXPECT_TRUE(broke("token-wrong"));
}

TEST_F(SandboxTrust, ATimeFarFromNowIsReported) {
  ScriptedClient& who = linked(kAlice);
  issue(who, bob(), seconds(8 * 86400));
  EXPECT_EQ(rules(), std::vector<std::string>{"token-time"});
}

TEST_F(SandboxTrust, APhoneGivesItsTokenWithItsFirstMessageInABucket) {
  ScriptedClient& who = linked(kAlice);
  const auto tokens = [&] {
    const auto notes = who.all("notification");
    return std::count_if(notes.begin(), notes.end(),
                         [](const wire::Node& note) { return note.is("type", "privacy_token"); });
  };
  for (const char* words : {"one", "two"}) ASSERT_TRUE(service->send_text(now, kBob, kAlice, words, ""));
  pump();
  EXPECT_EQ(tokens(), 1);
  advance(7 * kDay);
  ASSERT_TRUE(service->send_text(now, kBob, kAlice, "three", ""));
  pump();
  EXPECT_EQ(tokens(), 2);
}

TEST_F(SandboxTrust, ALockedAccountReachesOnlyWhoTrustsIt) {
  ScriptedClient& who = linked(kAlice);
  add("4915110000003");
  ASSERT_TRUE(service->set_timelock(now, kAlice, Timelock{now.unix_seconds() + 3600, "BIZ_QUALITY"}));
  pump();
  EXPECT_NE(who.last("notification")->child("update")->text().find(R"("is_active":true)"), std::string::npos);
  EXPECT_NE(mex(who, "23983697327930364").find("BIZ_QUALITY"), std::string::npos);
  send(who, text(who, "M1", bob(), "hello"));
  EXPECT_EQ(last_error(who), "463");
  ASSERT_TRUE(service->send_text(now, kBob, kAlice, "I know you", ""));  // who wrote may be answered
  pump();
  send(who, text(who, "M2", bob(), "hello"));
  EXPECT_EQ(last_error(who), "");
  send(who, text(who, "M3", wire::pn("4915110000003"), "hello"));
  EXPECT_EQ(last_error(who), "463");
  advance(3600 * kSecond);
  send(who, text(who, "M4", wire::pn("4915110000003"), "hello"));
  EXPECT_EQ(last_error(who), "");
  EXPECT_NE(mex(who, "23983697327930364").find(R"("is_active":false)"), std::string::npos);
}

TEST_F(SandboxTrust, ACappedAccountStartsNoNewChats) {
  ScriptedClient& who = linked(kAlice);
  add("4915110000003");
  send(who, text(who, "M1", bob(), "hello"));
  Capping capping;
  capping.status = "CAPPED";
  capping.total = capping.used = 5;
  ASSERT_TRUE(service->set_capping(now, kAlice, capping));
  pump();
  EXPECT_NE(mex(who, "24503548349331633").find(R"("used_quota":"5")"), std::string::npos);
  send(who, text(who, "M2", bob(), "hello"));
  EXPECT_EQ(last_error(who), "");
  send(who, text(who, "M3", wire::pn("4915110000003"), "hello"));
  EXPECT_EQ(last_error(who), "475");
  ASSERT_TRUE(service->set_capping(now, kAlice, std::nullopt));
  pump();
  send(who, text(who, "M4", wire::pn("4915110000003"), "hello"));
  EXPECT_EQ(last_error(who), "");
}

TEST_F(SandboxTrust, WhatWasRefusedMayComeAgainWithSomethingNewButNotForEver) {
  ScriptedClient& who = linked(kAlice);
  require_token();
  const wire::Node message = text(who, "M1", bob(), "hello");
  send(who, message);
  for (std::uint8_t i = 1; i < 4; ++i) send(who, with_token(message, Bytes(32, i), "cstoken"));
  EXPECT_EQ(rules(), std::vector<std::string>(3, "token-wrong"));
  send(who, with_token(message, Bytes(32, 1), "cstoken"));
  EXPECT_TRUE(broke("retry-unchanged"));
  send(who, with_token(message, Bytes(32, 8), "cstoken"));
  EXPECT_TRUE(broke("retry-endless"));
}

TEST_F(SandboxTrust, ABlindRetryIsReported) {
  ScriptedClient& who = linked(kAlice);
  require_token();
  const wire::Node message = text(who, "M1", bob(), "hello");
  send(who, message);
  send(who, message);
  EXPECT_EQ(rules(), std::vector<std::string>{"retry-unchanged"});
  who.disconnect();
  log_in(who);
  send(who, message);  // the refusal may not have arrived
  EXPECT_EQ(rules().size(), 1u);
}

TEST_F(SandboxTrust, ARetryUnderALockIsReported) {
  ScriptedClient& who = linked(kAlice);
  ASSERT_TRUE(service->set_timelock(now, kAlice, Timelock{now.unix_seconds() + 3600, "DEFAULT"}));
  const wire::Node message = text(who, "M1", bob(), "hello");
  send(who, message);
  EXPECT_EQ(last_error(who), "463");
  send(who, with_token(message, given_by_bob(who)));
  EXPECT_EQ(rules(), std::vector<std::string>{"retry-while-locked"});
}

TEST_F(SandboxTrust, ATokenThatIsHeldHasToBeShownWhereThatIsAsked) {
  Policy policy;
  policy.expect_tokens = true;
  restart(policy);
  ScriptedClient& who = linked(kAlice);
  const Bytes token = given_by_bob(who);
  send(who, text(who, "M1", bob(), "hello"));
  EXPECT_EQ(rules(), std::vector<std::string>{});  // who knows whether it has arrived
  answer_notifications(who);
  send(who, with_token(text(who, "M2", bob(), "hello"), token));
  EXPECT_EQ(rules(), std::vector<std::string>{});
  send(who, text(who, "M3", bob(), "hello"));
  EXPECT_EQ(rules(), std::vector<std::string>{"token-withheld"});
}

TEST_F(SandboxTrust, UnknownAccountsAreNamed) {
  EXPECT_EQ(service->give_token(now, "1", kBob, true).cause(), Cause::not_found);
  EXPECT_EQ(service->give_token(now, kBob, "1", true).cause(), Cause::not_found);
  EXPECT_EQ(service->set_timelock(now, "1", std::nullopt).cause(), Cause::not_found);
  EXPECT_EQ(service->set_capping(now, "1", std::nullopt).cause(), Cause::not_found);
}

}  // namespace
}  // namespace pigeond::sandbox
