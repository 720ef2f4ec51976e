// The life of privacy tokens: given, kept, shown, issued, expired.
#include <algorithm>

#include "base/text.h"
#include "engine/messages/desk.h"
#include "engine/messages/trust/token_rules.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

constexpr std::int64_t kWeek = 604800;

TEST(TokenRules, TokensLiveInTheirBucketAndTheThreeThatFollow) {
  const TokenRules rules;
  // Asserted in whatsapp-rust's tests of its wacore::iq::tctoken.
  EXPECT_EQ(rules.received.cutoff(10 * kWeek), 7 * kWeek);
  EXPECT_FALSE(rules.expired(7 * kWeek, 10 * kWeek));
  EXPECT_TRUE(rules.expired(7 * kWeek - 1, 10 * kWeek));
}

TEST(TokenRules, OursIsDueOnceInEachBucket) {
  const TokenRules rules;
  EXPECT_TRUE(rules.issue_due(0, 2 * kWeek));
  EXPECT_FALSE(rules.issue_due(2 * kWeek, 2 * kWeek + 100));
  EXPECT_FALSE(rules.issue_due(2 * kWeek, 3 * kWeek - 1));
  EXPECT_TRUE(rules.issue_due(3 * kWeek - 1, 3 * kWeek));
  EXPECT_FALSE(rules.issue_due(9 * kWeek, 2 * kWeek));  // in the future
}

TEST(TokenRules, TheServicesNumbersReplaceTheDefaults) {
  wire::Node props("props");
  const auto add = [&](const char* code, const char* value) {
    props.add(wire::Node("prop").set("config_code", code).set("config_value", value));
  };
  add("865", "1000");
  add("909", "26");
  add("996", "0");       // senseless
  add("997", "many");    // senseless
  add("10518", "true");  // another setting
  TokenRules rules = read_token_rules(props);
  EXPECT_EQ(rules.received.bucket, 1000);
  EXPECT_EQ(rules.received.buckets, 26);
  EXPECT_EQ(rules.issued.bucket, kWeek);
  EXPECT_EQ(rules.issued.buckets, 4);
  add("996", "99999999");  // the web client caps it
  EXPECT_EQ(read_token_rules(props).issued.bucket, 15552000);
}

TEST(TokenRules, TheTokenForStrangersIsThatOfWhatsappRust) {
  EXPECT_EQ(make_cs_token(as_bytes("whatsapp_nct_salt_example"), jid("alice@lid")),
            parse_hex("7c6afc325785ac3c4f571e648a3bb822f0e2e49434812ed2809aea2e7043b576"));
}

class PrivacyTokensTest : public ChatTest {
 protected:
  static constexpr std::int64_t kNow = 1700000000;

  static wire::Node token_node(std::int64_t time, const Bytes& bytes) {
    wire::Node token("token"), tokens("tokens");
    token.set("type", "trusted_contact").set("t", static_cast<std::uint64_t>(time)).body(bytes);
    tokens.add(std::move(token));
    return tokens;
  }
  void give(const std::string& from, std::int64_t time, const Bytes& bytes, const std::string& lid = {}) {
    wire::Node note("notification");
    note.set("id", "n1").set("type", "privacy_token").set("from", jid(from));
    if (!lid.empty()) note.set("sender_lid", jid(lid));
    note.add(token_node(time, bytes));
    ASSERT_TRUE(handle(note));
  }
  // What the last message showed, "" for none.
  std::string shown_token(const std::string& tag = "tctoken") {
    const auto* token = last("message").child(tag);
    return token == nullptr ? std::string() : hex_lower(token->bytes());
  }
  // The tokens that we gave: "jid t".
  std::vector<std::string> issued() const {
    std::vector<std::string> found;
    for (const auto& iq : service.account_queries) {
      if (!iq.is("xmlns", "privacy")) continue;
      const auto& token = *iq.path({"tokens", "token"});
      EXPECT_TRUE(iq.is("type", "set"));
      EXPECT_TRUE(token.is("type", "trusted_contact"));
      found.push_back(token.attr("jid") + " " + token.attr("t"));
    }
    return found;
  }
  void send_and_ack(const std::string& to, const std::string& id) {
    send(to, "text", 1, id);
    ack(id);
  }
  void pass(std::int64_t seconds) {
    now = {now.mono + seconds * 1000, now.wall + seconds * 1000};
    context->now = now;
  }
};

TEST_F(PrivacyTokensTest, AJumpOfTheWallClockNeitherExpiresNorDatesAToken) {
  context->server_clock.told(now, kNow);
  give("9922@lid", kNow - 5, {1, 2, 3});
  context->now.wall += 60 * kDay;
  send_and_ack("9922@lid", "A");
  EXPECT_EQ(shown_token(), "010203");
  EXPECT_EQ(issued(), std::vector<std::string>{"9922@lid 1700000000"});
}

TEST_F(PrivacyTokensTest, WhatAContactGaveIsShownInBothAddressingForms) {
  give("4922@s.whatsapp.net", kNow - 5, {1, 2, 3}, "9922@lid");
  send("4922@s.whatsapp.net", "by number");
  EXPECT_EQ(shown_token(), "010203");
  // The last child, without attributes, as bytes.
  const auto& node = last("message").children().back();
  EXPECT_EQ(node.tag, "tctoken");
  EXPECT_TRUE(node.attributes.empty());
  EXPECT_TRUE(std::holds_alternative<Bytes>(node.content));
  send("9922@lid", "by hidden id", 2);
  EXPECT_EQ(shown_token(), "010203");
}

TEST_F(PrivacyTokensTest, ATokenGivenUnderTheNumberIsFoundWhenTheHiddenIdGetsKnown) {
  add_person("4944", "9944", {0});
  give("4944@s.whatsapp.net", kNow, {7});
  send("4944@s.whatsapp.net", "text");  // asks for the LID
  EXPECT_EQ(last("message").attr("to"), "9944@lid");
  EXPECT_EQ(shown_token(), "07");
  start();  // from the database
  send("9944@lid", "text", 2);
  EXPECT_EQ(shown_token(), "07");
}

TEST_F(PrivacyTokensTest, ARestartKeepsThem) {
  give("9922@lid", kNow, {9, 9});
  start();
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "0909");
}

TEST_F(PrivacyTokensTest, AnOlderOneChangesNothingANewerOneReplaces) {
  give("9922@lid", kNow - 100, {1});
  give("9922@lid", kNow - 200, {2});
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "01");
  give("9922@lid", kNow - 50, {3});
  send("9922@lid", "text", 2);
  EXPECT_EQ(shown_token(), "03");
}

TEST_F(PrivacyTokensTest, TokensOfOtherTypesWithoutTimeOrBytesAreIgnored) {
  wire::Node note("notification"), tokens("tokens"), other("token"), timeless("token"), empty("token");
  other.set("type", "something").set("t", "1700000000").body(Bytes{1});
  timeless.set("type", "trusted_contact").body(Bytes{2});
  empty.set("type", "trusted_contact").set("t", "1700000000");
  tokens.add(other).add(timeless).add(empty);
  note.set("id", "n1").set("type", "privacy_token").set("from", jid("9922@lid")).add(tokens);
  EXPECT_TRUE(handle(note));
  EXPECT_EQ(last("ack").attr("id"), "n1");
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "");
}

TEST_F(PrivacyTokensTest, AnExpiredOneIsNotShown) {
  give("9922@lid", kNow, {1});
  const std::int64_t end = (kNow / kWeek + 4) * kWeek;
  pass(end - kNow - 1);
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "01");
  pass(1);
  send("9922@lid", "text", 2);
  EXPECT_EQ(shown_token(), "");
}

TEST_F(PrivacyTokensTest, TheServiceMayLetThemLiveLonger) {
  service.account_answers["abt"] = [](const wire::Node&) {
    wire::Node props("props"), result("iq");
    props.add(wire::Node("prop").set("config_code", "909").set("config_value", "26"));
    return result.add(props);
  };
  start();
  give("9922@lid", kNow, {1});
  pass(20 * kWeek);
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "01");
}

TEST_F(PrivacyTokensTest, TheServicesNumbersAreAskedForOnceADay) {
  const auto asked = [&] {
    return std::count_if(service.account_queries.begin(), service.account_queries.end(),
                         [](const wire::Node& iq) { return iq.is("xmlns", "abt"); });
  };
  service.account_answers["abt"] = [](const wire::Node&) {
    return wire::Node("iq").add(wire::Node("props"));
  };
  service.account_queries.clear();
  start();
  EXPECT_EQ(asked(), 1);
  chat->online();
  EXPECT_EQ(asked(), 1);
  pass(86400);
  chat->online();
  EXPECT_EQ(asked(), 2);
}

TEST_F(PrivacyTokensTest, NoneIsShownToOneself) {
  give("9911@lid", kNow, {1});
  send("4911@s.whatsapp.net", "note");
  EXPECT_EQ(shown_token(), "");
  ack(last("message").attr("id"));
  EXPECT_TRUE(issued().empty());
}

TEST_F(PrivacyTokensTest, OursIsGivenToTheHiddenIdAfterAMessageAndOnceInABucket) {
  give("9922@lid", kNow, {1});
  send("4922@s.whatsapp.net", "text", 1, "A");
  EXPECT_TRUE(issued().empty());
  ack("A");
  EXPECT_EQ(issued(), (std::vector<std::string>{"9922@lid 1700000000"}));
  send_and_ack("9922@lid", "B");
  start();
  send_and_ack("9922@lid", "C");
  EXPECT_EQ(issued().size(), 1u);
  pass((kNow / kWeek + 1) * kWeek - kNow);
  send_and_ack("9922@lid", "D");
  EXPECT_EQ(issued().size(), 2u);
}

TEST_F(PrivacyTokensTest, ARefusedMessageGivesNone) {
  give("9922@lid", kNow, {1});
  send("9922@lid", "text", 1, "A");
  ack("A", "400");
  EXPECT_TRUE(issued().empty());
}

TEST_F(PrivacyTokensTest, TheFirstMessageIsAskedNothingAboutAndOursFollowsIt) {
  service.hold_account = true;
  send("9922@lid", "text", 1, "A");
  ASSERT_EQ(sent("message").size(), 1u);
  EXPECT_TRUE(issued().empty());
  ack("A");
  EXPECT_EQ(issued(), (std::vector<std::string>{"9922@lid 1700000000"}));
}

TEST_F(PrivacyTokensTest, WhatCouldNotBeGivenIsGivenWithTheNextMessage) {
  service.account_answers["privacy"] = [](const wire::Node&) {
    return Result<wire::Node>(fail(Cause::ack_error, "rate-overlimit", 429));
  };
  send_and_ack("9922@lid", "A");
  send_and_ack("9922@lid", "B");
  EXPECT_EQ(issued().size(), 2u);
}

TEST_F(PrivacyTokensTest, WhileOneIsBeingGivenNoSecondIs) {
  service.hold_account = true;
  give("9922@lid", kNow, {1});
  send_and_ack("9922@lid", "A");
  send_and_ack("9922@lid", "B");
  EXPECT_EQ(issued().size(), 1u);
}

TEST_F(PrivacyTokensTest, WhatTheAnswerMightEchoIsNotTakenForTheContacts) {
  service.account_answers["privacy"] = [](const wire::Node&) {
    return wire::Node("iq").add(token_node(kNow - 10, {5, 5}));
  };
  send_and_ack("9922@lid", "A");
  send("9922@lid", "text", 2);
  EXPECT_EQ(shown_token(), "");
}

TEST_F(PrivacyTokensTest, ANewIdentityGetsOursAgainWithItsOldTime) {
  const auto changed = [&] {
    wire::Node note("notification");
    note.set("id", "e").set("type", "encrypt").set("from", jid("9922@lid")).add(wire::Node("identity"));
    ASSERT_TRUE(handle(note));
  };
  changed();
  EXPECT_TRUE(issued().empty());  // none was ever given
  send_and_ack("9922@lid", "A");
  pass(1000);
  changed();
  EXPECT_EQ(issued(), (std::vector<std::string>{"9922@lid 1700000000", "9922@lid 1700000000"}));
  pass(5 * kWeek);
  changed();  // it would be worth nothing
  EXPECT_EQ(issued().size(), 2u);
}

struct Tokens : PrivacyTokensTest {
  Desk desk{*context, service};
};

TEST_F(Tokens, HistoryTellsWhatWasGivenBothWays) {
  desk.lids.learn(jid("4922@s.whatsapp.net"), jid("9922@lid"));
  desk.tokens.from_history(jid("4922@s.whatsapp.net"), {{4, 4}, kNow - 50, kNow - 40});
  desk.tokens.from_history(jid("1234-5678@g.us"), {{4, 4}, kNow, kNow});
  commit();
  send("9922@lid", "text", 1, "A");
  EXPECT_EQ(shown_token(), "0404");
  ack("A");
  EXPECT_TRUE(issued().empty());  // another device of the account gave it in this bucket
}

TEST_F(Tokens, ForStrangersTheSaltMakesOne) {
  desk.tokens.set_salt(as_bytes("whatsapp_nct_salt_example"));
  commit();
  send("9922@lid", "text");
  EXPECT_EQ(shown_token(), "");
  EXPECT_EQ(shown_token("cstoken"),
            hex_lower(make_cs_token(as_bytes("whatsapp_nct_salt_example"), jid("9922@lid"))));
  give("9922@lid", kNow, {1});
  send("9922@lid", "text", 2);
  EXPECT_EQ(shown_token(), "01");
  EXPECT_EQ(shown_token("cstoken"), "");
  add_person("4955", "", {0});  // without a hidden id there is nothing to make it from
  send("4955@s.whatsapp.net", "text", 3);
  EXPECT_EQ(shown_token("cstoken"), "");
}

TEST_F(Tokens, TheSaltCanBeTakenBack) {
  desk.tokens.set_salt(as_bytes("salt"));
  EXPECT_TRUE(desk.tokens.node_for(jid("9922@lid")));
  desk.tokens.set_salt({});
  EXPECT_FALSE(desk.tokens.node_for(jid("9922@lid")));
}

TEST_F(Tokens, BotsAndTheServicesOwnAccountHaveNone) {
  desk.tokens.set_salt(as_bytes("salt"));
  for (const char* nobody : {"13135550002@s.whatsapp.net", "0@s.whatsapp.net", "1@bot", "1-2@g.us",
                             "status@broadcast", "1@newsletter", "4911@s.whatsapp.net", "9911:9@lid"})
    EXPECT_FALSE(desk.tokens.node_for(jid(nobody))) << nobody;
}

TEST_F(PrivacyTokensTest, WhatIsWrittenAgainShowsATokenThatCameMeanwhile) {
  send("9922@lid", "text", 1, "A");
  EXPECT_EQ(shown_token(), "");
  give("9922@lid", kNow - 5, {1, 2, 3});
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  service.is_online = true;
  chat->online();
  commit();
  const auto written = sent("message");
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(shown_token(), "010203");
  EXPECT_EQ(*written[0].child("participants"), *written[1].child("participants"));
}

}  // namespace
}  // namespace pigeond::engine
