#include "sandbox/phones/phone.h"

#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class PhoneSide : public SandboxTest {
 protected:
  PhoneLog& log(const std::string& phone) { return service->phone(phone)->log(); }
  std::string say(const std::string& from, const std::string& to, const std::string& words) {
    auto id = service->send_text(now, from, to, words, "");
    EXPECT_TRUE(id);
    pump();
    return id ? *id : "";
  }
};

TEST_F(PhoneSide, TalksToAnotherPhone) {
  const std::string id = say(kAlice, kBob, "hello");
  EXPECT_EQ(log(kBob).find(id)->text, "hello");
  EXPECT_FALSE(log(kBob).find(id)->from_me);
  EXPECT_EQ(log(kAlice).find(id)->ack, "delivered");
  ASSERT_TRUE(service->read(now, kBob, kAlice, {id}));
  EXPECT_EQ(log(kAlice).find(id)->ack, "read");
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(PhoneSide, TalksToCompanionsOfBothSides) {
  ScriptedClient& own = linked(kAlice);
  ScriptedClient& other_side = linked(kBob);
  say(kAlice, kBob, "hello");
  EXPECT_EQ(other_side.read(*other_side.last("message")), "hello");
  EXPECT_EQ(own.read(*own.last("message")), "to " + bob().text() + ": hello");
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(PhoneSide, WhatItSendsHasTheSameLookInAGroup) {
  NewGroup group;
  group.subject = "Test";
  group.creator = kAlice;
  group.members = {kBob};
  const auto made = service->create_group(now, group);
  ASSERT_TRUE(made);
  pump();
  ScriptedClient& who = linked(kBob);
  const wire::Jid chat{*made, wire::server::kGroup};
  wa_Message message{};
  message.has_pollCreationMessage = true;
  message.pollCreationMessage.name = "Tea?";
  Phone::Look look;
  look.type = "poll";
  look.edit = "3";
  look.poll = "creation";
  look.hidden = true;
  for (const wire::Jid& to : {bob(), chat}) {
    ASSERT_TRUE(service->send_content(now, kAlice, to.text(), wire::proto::encode(message), look, ""));
    pump();
    const wire::Node* stanza = who.last("message");
    ASSERT_NE(stanza, nullptr);
    EXPECT_EQ(stanza->attr("from"), to == chat ? chat.text() : alice().text());
    EXPECT_EQ(stanza->attr("type"), "poll");
    EXPECT_EQ(stanza->attr("edit"), "3");
    const wire::Node *enc = nullptr, *meta = stanza->child("meta");
    stanza->each("enc", [&enc](const wire::Node& each) { enc = &each; });
    ASSERT_TRUE(enc != nullptr && meta != nullptr);
    EXPECT_EQ(enc->attr("decrypt-fail"), "hide");
    EXPECT_EQ(meta->attr("polltype"), "creation");
  }
}

TEST_F(PhoneSide, AnswersByItselfWhenToldTo) {
  add("4915110000003", "echo");
  add("4915110000004", "gone fishing");
  ScriptedClient& who = linked(kAlice);
  say(kAlice, "4915110000003", "hello");
  EXPECT_EQ(log(kAlice).since(0).back().text, "echo: hello");
  say(kAlice, "4915110000004", "hello");
  EXPECT_EQ(log(kAlice).since(0).back().text, "gone fishing");
  EXPECT_EQ(who.all("message").size(), 4u);
  // Two that answer each other come to an end.
  say("4915110000003", "4915110000004", "hello");
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(PhoneSide, GreetsANewCompanionWithItsKeysAndNames) {
  ScriptedClient& who = client();
  pair(who, kAlice);
  connect(who, who.login());
  send(who, who.upload(1, 20));
  send(who, who.active());
  const auto greetings = who.all("message");
  ASSERT_EQ(greetings.size(), 3u);
  std::vector<std::int32_t> types;
  for (const auto& greeting : greetings) {
    EXPECT_TRUE(greeting.is("category", "peer"));
    EXPECT_EQ(greeting.jid("from"), alice());
    const wire::Node* enc = greeting.child("enc");
    const auto kind = enc->is("type", "pkmsg") ? signal::Kind::pkmsg : signal::Kind::msg;
    const auto plain = who.sessions.decrypt(who.address(alice()), kind, enc->bytes());
    ASSERT_TRUE(plain);
    const auto message = wire::proto::decode<wa_Message>(*unpad(*plain));
    ASSERT_TRUE(message && message->has_protocolMessage);
    types.push_back(message->protocolMessage.type);
  }
  EXPECT_EQ(types, (std::vector<std::int32_t>{wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_SHARE,
                                              wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION,
                                              wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION}));
}

TEST_F(PhoneSide, SendsAMessageAgainToADeviceThatAsks) {
  ScriptedClient& who = linked(kAlice);
  const std::string id = say(kBob, kAlice, "hello");
  const wire::Node first = *who.last("message");
  who.received.clear();
  wire::Node retry = who.receipt(first, "retry");
  retry.add(wire::Node("retry").set("count", "1").set("id", id).set("v", "1"));
  retry.add(wire::Node("registration").body(big_endian(ScriptedClient::store_registration_id, 4)));
  send(who, retry);
  ASSERT_NE(who.last("message"), nullptr);
  EXPECT_TRUE(who.last("message")->is("id", id));
  EXPECT_TRUE(who.last("message")->child("enc")->is("count", "1"));
  EXPECT_EQ(who.read(*who.last("message")), "hello");
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(PhoneSide, AsksAgainForWhatItCannotDecrypt) {
  ScriptedClient& who = linked(kAlice);
  start_sessions(who, bob());
  // A session that the phone knows nothing of: its first message is lost on the way.
  const wire::Node lost = who.text("M0", bob(), "lost");
  wire::Node message = who.text("M1", bob(), "hello");
  for (auto& child : std::get<std::vector<wire::Node>>(message.content)) {
    if (child.tag != "participants") continue;
    auto& enc =
        std::get<std::vector<wire::Node>>(std::get<std::vector<wire::Node>>(child.content)[0].content)[0];
    auto& bytes = std::get<Bytes>(enc.content);
    bytes[bytes.size() - 12] ^= 1;
  }
  send(who, message);
  const wire::Node* retry = nullptr;
  for (const auto& receipt : who.received)
    if (receipt.tag == "receipt" && receipt.is("type", "retry")) retry = &receipt;
  ASSERT_NE(retry, nullptr);
  EXPECT_TRUE(retry->child("retry")->is("count", "1"));
  EXPECT_EQ(retry->child("retry")->attr("id"), "M1");
}

TEST_F(PhoneSide, ReportsAResendThatNobodyAskedFor) {
  ScriptedClient& who = linked(kAlice);
  start_sessions(who, bob());
  wire::Node enc = who.encrypt(bob(), Bytes{});
  enc.set("count", "1");
  wire::Node resend("message");
  resend.set("id", "M1")
      .set("to", bob())
      .set("type", "text")
      .set("device_fanout", "false")
      .add(std::move(enc));
  resend.add(wire::Node("device-identity").body(ByteView(who.device_identity)));
  send(who, resend);
  EXPECT_TRUE(broke("resend-unasked"));
}

TEST_F(PhoneSide, ReportsPlaintextsThatAreWrong) {
  ScriptedClient& who = linked(kAlice);
  start_sessions(who, bob());
  auto message_with = [&](const std::string& id, const Bytes& for_bob, bool padded) {
    const auto address = who.address(bob());
    const Bytes plain = padded ? pad(for_bob, random) : for_bob;
    const auto sealed = *who.sessions.encrypt(address, plain);
    wire::Node message = who.text(id, bob(), "x");
    for (auto& child : std::get<std::vector<wire::Node>>(message.content)) {
      if (child.tag != "participants") continue;
      for (auto& to : std::get<std::vector<wire::Node>>(child.content))
        if (to.jid("jid")->same_user(bob()))
          std::get<std::vector<wire::Node>>(to.content)[0].body(ByteView(sealed.bytes));
    }
    return message;
  };
  send(who, message_with("M1", Bytes{10, 1, 'x', 0}, false));
  EXPECT_EQ(rules(), std::vector<std::string>{"plaintext-padding"});
  send(who, message_with("M2", Bytes{0xff, 0xff}, true));
  EXPECT_TRUE(broke("plaintext-malformed"));
  wa_Message wrapper{};
  wrapper.has_deviceSentMessage = true;
  wrapper.deviceSentMessage.message = std::make_unique<wa_Message>();
  send(who, message_with("M3", wire::proto::encode(wrapper), true));
  EXPECT_TRUE(broke("device-sent"));
}

TEST_F(PhoneSide, RefusesWhatItCannotSend) {
  EXPECT_EQ(service->send_text(now, "1", kBob, "x", "").cause(), Cause::not_found);
  EXPECT_EQ(service->send_text(now, kAlice, "4915119999999", "x", "").cause(), Cause::not_found);
  EXPECT_EQ(service->send_text(now, kAlice, "somebody", "x", "").cause(), Cause::bad_input);
  EXPECT_EQ(service->send_text(now, kAlice, kBob, "", "").cause(), Cause::bad_input);
  EXPECT_EQ(service->send_text(now, kAlice, kBob, "x", "nothing").cause(), Cause::not_found);
  EXPECT_EQ(service->read(now, kAlice, kBob, {"nothing"}).error().cause, Cause::not_found);
}

TEST_F(PhoneSide, QuotesWhatItAnswers) {
  const std::string id = say(kAlice, kBob, "question");
  auto answer = service->send_text(now, kBob, kAlice, "answer", id);
  ASSERT_TRUE(answer);
  EXPECT_EQ(log(kAlice).find(*answer)->reply_to, id);
  EXPECT_EQ(log(kAlice).find(*answer)->text, "answer");
}

TEST(Padding, IsOneToSixteenBytesOfTheirOwnNumber) {
  SeededRandom random(3);
  for (int i = 0; i < 100; ++i) {
    const Bytes padded = pad(Bytes{1, 2, 3}, random);
    EXPECT_GE(padded.size(), 4u);
    EXPECT_LE(padded.size(), 19u);
    EXPECT_EQ(*unpad(padded), (Bytes{1, 2, 3}));
  }
  for (const auto& wrong : {Bytes{}, Bytes{0}, Bytes{2}, Bytes{1, 3, 3}}) EXPECT_FALSE(unpad(wrong));
}

}  // namespace
}  // namespace pigeond::sandbox
