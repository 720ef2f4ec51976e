#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class Delivery : public SandboxTest {
 protected:
  static std::vector<std::string> ids(const std::vector<wire::Node>& stanzas) {
    std::vector<std::string> found;
    for (const auto& stanza : stanzas) found.push_back(stanza.attr("id"));
    return found;
  }
  std::string say(const std::string& words) {
    auto id = service->send_text(now, kBob, kAlice, words, "");
    EXPECT_TRUE(id);
    pump();
    return *id;
  }
};

TEST_F(Delivery, KeepsWhatComesForADeviceThatIsAway) {
  ScriptedClient& who = linked(kAlice);
  say("before");  // with it comes a privacy token
  answer_notifications(who);
  send(who, who.receipt(*who.last("message")));
  who.disconnect();
  const std::vector<std::string> sent = {say("one"), say("two"), say("three")};
  log_in(who);
  EXPECT_EQ(ids(who.all("message")), sent);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(who.all("message")[i].is("offline", std::to_string(i)));
  const auto info = who.all("ib");
  ASSERT_EQ(info.size(), 2u);
  EXPECT_TRUE(info[0].child("offline_preview")->is("message", "3"));
  EXPECT_TRUE(info[1].child("offline")->is("count", "3"));
  std::vector<std::string> words;
  for (const auto& message : who.all("message")) words.push_back(who.read(message));
  EXPECT_EQ(words, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(Delivery, WhatComesLiveFollowsAllThatWaited) {
  ScriptedClient& who = linked(kAlice);
  who.disconnect();
  std::vector<std::string> sent = {say("one"), say("two")};
  connect(who, who.login());
  sent.push_back(say("before it is active"));
  send(who, who.active());
  sent.push_back(say("live"));
  sent.push_back(say("live too"));
  const auto messages = who.all("message");
  EXPECT_EQ(ids(messages), sent);
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(messages[i].has("offline"), i < 3) << i;
}

TEST_F(Delivery, GivesAHandfulOfABacklogAndTheRestWhenItIsAskedFor) {
  ScriptedClient& who = linked(kAlice);
  say("before");
  answer_notifications(who);
  send(who, who.receipt(*who.last("message")));
  who.disconnect();
  std::vector<std::string> sent;
  for (int i = 0; i < 12; ++i) sent.push_back(say("text"));
  log_in(who);
  EXPECT_EQ(who.all("message").size(), 5u);
  EXPECT_TRUE(who.all("ib").front().child("offline_preview")->is("count", "12"));
  sent.push_back(say("live"));  // waits behind the others
  EXPECT_EQ(who.all("message").size(), 5u);
  const auto ask = [&](std::uint64_t count) {
    wire::Node ib("ib");
    send(who, ib.add(wire::Node("offline_batch").set("count", count)));
  };
  ask(4);
  EXPECT_EQ(who.all("message").size(), 9u);
  EXPECT_EQ(who.last("ib")->child("offline"), nullptr);
  ask(100);
  EXPECT_EQ(ids(who.all("message")), sent);
  EXPECT_TRUE(who.last("ib")->child("offline")->is("count", "12"));
  EXPECT_TRUE(who.all("message")[11].is("offline", "11"));
  EXPECT_FALSE(who.all("message")[12].has("offline"));
  ask(100);  // too late: nothing happens
  EXPECT_EQ(who.all("message").size(), 13u);
}

TEST_F(Delivery, BeginsABacklogAnewWithTheNextLink) {
  ScriptedClient& who = linked(kAlice);
  who.disconnect();
  for (int i = 0; i < 12; ++i) say("text");
  log_in(who);
  who.disconnect();
  log_in(who);
  EXPECT_EQ(who.all("message").size() + who.all("notification").size(), 5u);
  EXPECT_TRUE(who.all("message").front().is("offline", "0") ||
              who.all("notification").front().is("offline", "0"));
}

TEST_F(Delivery, HoldsTrafficBackUntilTheDeviceIsActive) {
  ScriptedClient& who = linked(kAlice);
  who.disconnect();
  connect(who, who.login());
  say("one");
  EXPECT_EQ(who.last("message"), nullptr);
  send(who, who.active());
  EXPECT_NE(who.last("message"), nullptr);
}

TEST_F(Delivery, ComesAgainUntilItIsAnswered) {
  ScriptedClient& who = linked(kAlice);
  const std::string first = say("one"), second = say("two");
  EXPECT_EQ(who.all("message").size(), 2u);
  send(who, who.receipt(who.all("message")[0]));
  who.disconnect();
  log_in(who);
  EXPECT_EQ(ids(who.all("message")), std::vector<std::string>{second});
  send(who, who.receipt(*who.last("message")));
  who.disconnect();
  log_in(who);
  EXPECT_EQ(who.last("message"), nullptr);
}

TEST_F(Delivery, TakesAnAckForAnAnswer) {
  ScriptedClient& who = linked(kAlice);
  say("one");
  const wire::Node message = *who.last("message");
  send(who, wire::Node("ack")
                .set("class", "message")
                .set("id", message.attr("id"))
                .set("to", *message.jid("from")));
  who.disconnect();
  log_in(who);
  EXPECT_EQ(who.last("message"), nullptr);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Delivery, ARetryReceiptIsNoAnswer) {
  ScriptedClient& who = linked(kAlice);
  say("one");
  send(who, who.receipt(*who.last("message"), "retry").add(wire::Node("retry").set("count", "1")));
  who.disconnect();
  log_in(who);
  EXPECT_GE(who.all("message").size(), 1u);
}

TEST_F(Delivery, ReportsWhatIsNeverAnswered) {
  ScriptedClient& who = linked(kAlice);
  say("one");
  answer_notifications(who);  // of the privacy token that came with it
  advance(service->world().policy.answer_time - 1);
  EXPECT_EQ(rules(), std::vector<std::string>{});
  EXPECT_EQ(*service->next_wake(), now.mono + 1);
  advance(1);
  EXPECT_EQ(rules(), std::vector<std::string>{"missing-ack"});
  // And ends the stream over it, each time.
  const auto over = [&](const std::string& id) {
    const wire::Node* error = who.last("stream:error");
    return who.closed && error != nullptr && error->child("ack") != nullptr &&
           error->child("ack")->is("class", "message") && error->child("ack")->is("id", id);
  };
  const std::string id = who.last("message")->attr("id");
  EXPECT_TRUE(over(id));
  log_in(who);
  EXPECT_FALSE(who.closed);
  advance(service->world().policy.answer_time);
  EXPECT_TRUE(over(id));
  EXPECT_EQ(rules().size(), 1u);
}

TEST_F(Delivery, OfTheAccountsOwnMessagesOnlyAReceiptIsAnAnswer) {
  ScriptedClient& who = linked(kAlice);
  ASSERT_TRUE(service->send_text(now, kAlice, kBob, "from the phone", ""));
  pump();
  const wire::Node copy = *who.last("message");
  ASSERT_TRUE(copy.has("recipient"));
  const auto waits = [&] {
    const auto& box = service->world().device(who.self)->mailbox;
    return std::any_of(box.begin(), box.end(), [&](const auto& entry) {
      return entry.stanza.tag == "message" && entry.stanza.is("id", copy.attr("id"));
    });
  };
  send(who,
       wire::Node("ack").set("class", "message").set("id", copy.attr("id")).set("to", *copy.jid("from")));
  EXPECT_TRUE(waits());
  send(who, who.receipt(copy, "sender").set("recipient", *copy.jid("recipient")));
  EXPECT_FALSE(waits());
}

TEST_F(Delivery, ReportsAcksThatCannotBeMatched) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("ack").set("class", "message").set("id", "x"));
  EXPECT_EQ(rules(), std::vector<std::string>{"ack-malformed"});
  say("one");
  send(who, wire::Node("ack")
                .set("class", "message")
                .set("id", who.last("message")->attr("id"))
                .set("to", alice()));
  EXPECT_TRUE(broke("ack-mismatch"));
}

TEST_F(Delivery, RoutesReceiptsToTheSendersDevices) {
  ScriptedClient& sender = linked(kAlice);
  ScriptedClient& receiver = linked(kBob);
  send(sender, text(sender, "M1", bob(), "hello"));
  sender.received.clear();
  send(receiver, receiver.receipt(*receiver.last("message")));
  send(receiver, receiver.receipt(*receiver.last("message"), "read"));
  const auto receipts = sender.all("receipt");
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].jid("from"), bob(receiver.self.number));
  EXPECT_EQ(receipts[0].attr("type"), "");
  EXPECT_EQ(receipts[1].attr("type"), "read");
  EXPECT_TRUE(receiver.last("ack")->is("class", "receipt"));
  // The sender's phone knows too.
  EXPECT_EQ(service->phone(kAlice)->log().find("M1")->ack, "read");
}

TEST_F(Delivery, TellsOwnDevicesWhatOneOfThemHasRead) {
  ScriptedClient& reader = linked(kAlice);
  ScriptedClient& twin = linked(kAlice);
  const std::string id = say("hello");
  twin.received.clear();
  send(reader, reader.receipt(*reader.last("message"), "read"));
  ASSERT_NE(twin.last("receipt"), nullptr);
  EXPECT_TRUE(twin.last("receipt")->is("id", id));
  EXPECT_EQ(twin.last("receipt")->jid("from"), alice(reader.self.number));
  EXPECT_EQ(twin.last("receipt")->jid("recipient"), bob());
  EXPECT_EQ(service->phone(kBob)->log().find(id)->ack, "read");
}

TEST_F(Delivery, KeepsSecretReadReceiptsWithinTheAccount) {
  ScriptedClient& reader = linked(kAlice);
  const std::string id = say("hello");
  send(reader, reader.receipt(*reader.last("message"), "read-self"));
  EXPECT_EQ(service->phone(kBob)->log().find(id)->ack, "delivered");  // by the phone
}

TEST_F(Delivery, ReportsReceiptsThatMakeNoSense) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("receipt").set("id", "x"));
  EXPECT_EQ(rules(), std::vector<std::string>{"receipt-malformed"});
  send(who, wire::Node("receipt").set("id", "x").set("to", bob()).set("type", "smelled"));
  EXPECT_TRUE(broke("receipt-type"));
}

TEST_F(Delivery, IssuesPrivacyTokensToTheContactsCompanions) {
  ScriptedClient& issuer = linked(kAlice);
  ScriptedClient& contact = linked(kBob);
  wire::Node token("token");
  token.set("jid", bob()).set("t", "1750000000").set("type", "trusted_contact");
  EXPECT_TRUE(ask(issuer, issuer.iq("set", "privacy", wire::Node("tokens").add(std::move(token))))
                  .is("type", "result"));
  const wire::Node* note = contact.last("notification");
  ASSERT_NE(note, nullptr);
  EXPECT_TRUE(note->is("type", "privacy_token"));
  EXPECT_EQ(note->jid("sender_lid"), service->world().account(kAlice)->jid(Form::lid));
  EXPECT_FALSE(note->path({"tokens", "token"})->bytes().empty());
}

}  // namespace
}  // namespace pigeond::sandbox
