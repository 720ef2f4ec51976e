#include <algorithm>

#include "engine/messages/kinds/location.h"
#include "engine/messages/out/phash.h"
#include "engine/questions/number.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

using ChatSend = ChatTest;

std::string words(ByteView message) {
  auto decoded = wire::proto::decode<wa_Message>(message);
  if (!decoded) return "?";
  return decoded->has_extendedTextMessage ? decoded->extendedTextMessage.text : decoded->conversation;
}

TEST_F(ChatSend, ANumberIsAddressedByItsHiddenIdAndEveryDeviceGetsACopy) {
  send("4922@s.whatsapp.net", "hello");
  const auto& stanza = last("message");
  EXPECT_EQ(stanza.attr("to"), "9922@lid");
  EXPECT_EQ(stanza.attr("peer_recipient_pn"), "4922@s.whatsapp.net");
  const auto to = copies(stanza);
  std::vector<std::string> names;
  for (const auto& [name, enc] : to) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"9911:9@lid", "9911@lid", "9922:5@lid", "9922@lid"}));
  for (const char* name : {"9922@lid", "9922:5@lid"}) {
    auto opened = service.device(jid(name))->open(to.at(name), jid("9911:7@lid"));
    ASSERT_TRUE(opened.ok()) << name;
    EXPECT_EQ(words(*opened), "hello");
  }
}

// As whatsapp-rust and zapo name them.
TEST_F(ChatSend, AStanzaNamesWhatItCarries) {
  send("4922@s.whatsapp.net", "hello");
  EXPECT_EQ(last("message").attr("type"), "text");
  for (const auto& [name, enc] : copies(last("message"))) EXPECT_FALSE(enc.has("mediatype")) << name;
  chat->send({2, jid("4922@s.whatsapp.net"), {}, location_content(1.5, -2.5, "Gate"), {}, {}});
  commit();
  EXPECT_EQ(last("message").attr("type"), "media");
  for (const auto& [name, enc] : copies(last("message")))
    EXPECT_EQ(enc.attr("mediatype"), "location") << name;
}

TEST_F(ChatSend, OwnOtherDevicesGetADeviceSentCopyWithTheDestination) {
  send("9922@lid", "hello");
  const auto to = copies(last("message"));
  for (const char* name : {"9911@lid", "9911:9@lid"}) {
    auto opened = service.device(jid(name))->open(to.at(name), jid("9911:7@lid"));
    ASSERT_TRUE(opened.ok()) << name;
    auto decoded = wire::proto::decode<wa_Message>(*opened);
    ASSERT_TRUE(decoded.ok());
    ASSERT_TRUE(decoded->has_deviceSentMessage);
    EXPECT_EQ(decoded->deviceSentMessage.destinationJID, "9922@lid");
    ASSERT_TRUE(decoded->deviceSentMessage.message);
    EXPECT_EQ(decoded->deviceSentMessage.message->conversation, "hello");
    EXPECT_EQ(decoded->messageContextInfo.messageSecret.size(), 32u);
  }
}

TEST_F(ChatSend, TheSendingDeviceIsNeverListedAndFormsAreNeverMixed) {
  add_person("4933", "", {0, 2});
  send("4922@s.whatsapp.net", "by hidden id");
  send("4933@s.whatsapp.net", "by number");
  const auto all = sent("message");
  ASSERT_EQ(all.size(), 2u);
  for (const auto& stanza : all) {
    const auto server = stanza.jid("to")->server;
    for (const auto& [name, enc] : copies(stanza)) {
      EXPECT_EQ(jid(name).server, server);
      EXPECT_NE(name, "9911:7@lid");
      EXPECT_NE(name, "4911:7@s.whatsapp.net");
    }
  }
  EXPECT_EQ(all[1].attr("to"), "4933@s.whatsapp.net");
  EXPECT_FALSE(all[1].has("peer_recipient_pn"));
}

TEST_F(ChatSend, DeviceIdentityIsThereExactlyWhenACopyStartsASession) {
  send("9922@lid", "first");
  EXPECT_NE(last("message").child("device-identity"), nullptr);
  // Everybody answers, so that our sessions are confirmed.
  for (const auto& [name, enc] : copies(last("message"))) {
    auto* device = service.device(jid(name));
    ASSERT_TRUE(device->open(enc, jid("9911:7@lid")).ok());
    handle(message("r" + name, jid(name), device->seal(jid("9911:7@lid"), text("answer"))));
  }
  send("9922@lid", "second");
  const auto& second = last("message");
  EXPECT_EQ(second.child("device-identity"), nullptr);
  for (const auto& [name, enc] : copies(second)) EXPECT_EQ(enc.attr("type"), "msg") << name;
}

TEST_F(ChatSend, AMessageToSelfGoesToOwnOtherDevicesOnlyAndIsDeviceSent) {
  send("4911@s.whatsapp.net", "note");
  const auto to = copies(last("message"));
  ASSERT_EQ(to.size(), 2u);
  for (const auto& [name, enc] : to) {
    auto opened = service.device(jid(name))->open(enc, jid("9911:7@lid"));
    ASSERT_TRUE(opened.ok()) << name;
    EXPECT_TRUE(wire::proto::decode<wa_Message>(*opened)->has_deviceSentMessage);
  }
}

TEST_F(ChatSend, FirstContactAsksOnceForContactDevicesAndHiddenId) {
  send("4922@s.whatsapp.net", "hello");
  ASSERT_FALSE(service.queries.empty());
  const auto& query = *service.queries.front().path({"usync", "query"});
  for (const char* protocol : {"contact", "devices", "lid"}) EXPECT_NE(query.child(protocol), nullptr);
  const std::size_t before = service.queries.size();
  send("4922@s.whatsapp.net", "again", 2);
  EXPECT_EQ(service.queries.size(), before);
}

TEST_F(ChatSend, ANumberThatIsNotOnWhatsAppEndsTheRequest) {
  send("4999@s.whatsapp.net", "hello", 5);
  EXPECT_TRUE(sent("message").empty());
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].request, 0u) << "the message was accepted, and has ended";
  EXPECT_EQ(done[0].ack.cause(), Cause::not_on_whatsapp);
  EXPECT_EQ(effects<AckEvent>().at(0).ack, -1);
}

TEST_F(ChatSend, TheAckEndsTheRequestWithTheServicesTime) {
  send("9922@lid", "hello", 8, "MYID");
  EXPECT_TRUE(effects<SendDone>().empty());
  ack("MYID");
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_TRUE(done[0].ack.ok());
  EXPECT_EQ(done[0].id, "MYID");
  EXPECT_EQ(done[0].timestamp, 1700000005);
  const auto acks = effects<AckEvent>();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].ack, 1);
  ack("MYID");
  EXPECT_EQ(effects<SendDone>().size(), 1u);
}

TEST_F(ChatSend, AnErrorAckEndsTheRequestWithItsCode) {
  send("9922@lid", "hello", 8, "MYID");
  ack("MYID", "403");
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].ack.cause(), Cause::forbidden);
  EXPECT_EQ(done[0].ack.error().code, 403);
  EXPECT_EQ(effects<AckEvent>().at(0).ack, -1);
}

TEST_F(ChatSend, AfterALostLinkTheSameBytesGoOutAgain) {
  send("9922@lid", "one");
  send("9922@lid", "two", 2);
  const auto first = sent("message");
  ASSERT_EQ(first.size(), 2u);
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  service.sent.clear();
  service.is_online = true;
  chat->online();
  commit();
  const auto again = sent("message");
  ASSERT_EQ(again.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(wire::encode(again[i]), wire::encode(first[i]));
}

TEST_F(ChatSend, AfterARestartOfTheProgramTheSameBytesGoOutAgain) {
  send("9922@lid", "one");
  const auto first = sent("message");
  service.lose_link();
  chat.reset();
  service.sent.clear();
  service.is_online = true;
  start();
  commit();
  const auto again = sent("message");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(wire::encode(again[0]), wire::encode(first[0]));
  ack(again[0].attr("id"));
  EXPECT_EQ(effects<AckEvent>().size(), 1u);
  ASSERT_EQ(effects<SendDone>().size(), 1u) << "who waited through the restart is told";
  EXPECT_EQ(effects<SendDone>()[0].id, first[0].attr("id"));
  service.sent.clear();
  chat->offline(fail(Cause::link_lost));
  chat->online();
  EXPECT_TRUE(sent("message").empty());
}

TEST_F(ChatSend, WhatIsSentWhileOfflineWaitsAndKeepsItsOrder) {
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  for (int i = 0; i < 5; ++i)
    send("4922@s.whatsapp.net", "text", static_cast<RequestId>(i + 1), "ID" + std::to_string(i));
  EXPECT_TRUE(effects<SendDone>().empty());
  service.is_online = true;
  chat->online();
  commit();
  const auto out = sent("message");
  ASSERT_EQ(out.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[i].attr("id"), "ID" + std::to_string(i));
}

TEST_F(ChatSend, OrderIsKeptWhileTheFirstMessageWaitsForAnswers) {
  service.hold = true;
  send("4922@s.whatsapp.net", "one", 1, "A");
  send("4922@s.whatsapp.net", "two", 2, "B");
  EXPECT_TRUE(sent("message").empty());
  for (int i = 0; i < 6; ++i) service.release();
  commit();
  const auto out = sent("message");
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].attr("id"), "A");
  EXPECT_EQ(out[1].attr("id"), "B");
}

TEST_F(ChatSend, OrderIsKeptWhenTheHiddenIdGetsKnownBetweenTwoMessages) {
  service.hold = true;
  send("4922@s.whatsapp.net", "one", 1, "A");
  ASSERT_EQ(service.held.size(), 1u);
  greet(*alice->devices[0], jid("9911:7@lid"));
  auto from_alice = message("X", jid("9922@lid"), alice->devices[0]->seal(jid("9911:7@lid"), text("hello")));
  handle(from_alice.set("sender_pn", jid("4922@s.whatsapp.net")));
  send("4922@s.whatsapp.net", "two", 2, "B");
  EXPECT_EQ(service.held.size(), 1u) << "the second one must wait for the first one";
  for (int i = 0; i < 6; ++i) service.release();
  commit();
  const auto out = sent("message");
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].attr("id"), "A");
  EXPECT_EQ(out[1].attr("id"), "B");
}

TEST_F(ChatSend, ADeviceWithoutKeysIsLeftOut) {
  alice->devices.erase(5);
  send("9922@lid", "hello");
  const auto to = copies(last("message"));
  EXPECT_FALSE(to.contains("9922:5@lid"));
  EXPECT_TRUE(to.contains("9922@lid"));
}

TEST_F(ChatSend, AListRefusedAsAWholeIsAskedDeviceByDevice) {
  service.refuse_keys = 1;
  send("9922@lid", "hello");
  EXPECT_EQ(copies(last("message")).size(), 4u);
}

TEST_F(ChatSend, ARecipientWithoutAnyKeysIsAnError) {
  alice->devices.clear();
  send("9922@lid", "hello");
  EXPECT_TRUE(sent("message").empty());
  EXPECT_EQ(effects<SendDone>().at(0).ack.cause(), Cause::no_devices);
}

TEST_F(ChatSend, AForgedSignedPreKeyIsRefused) {
  auto* device = alice->devices[0].get();
  wire::Node user = device->bundle(alice->lid);
  auto bundle = parse_bundle(user);
  ASSERT_TRUE(bundle.ok());
  bundle->signature[3] ^= 1;
  SeededRandom other(9);
  signal::MemoryStore keys(crypto::generate_key_pair(other), 1);
  EXPECT_EQ(signal::Sessions(keys, other).start(address_of(alice->lid), *bundle).error().cause,
            Cause::bad_signature);
}

TEST_F(ChatSend, ARepeatedCallersIdSendsNothingTwice) {
  send("9922@lid", "hello", 1, "MYID");
  send("9922@lid", "hello", 4, "MYID");
  EXPECT_TRUE(effects<SendDone>().empty()) << "both wait for the one message";
  send("4933@s.whatsapp.net", "other", 5, "MYID");
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].request, 5u);
  EXPECT_EQ(effects<SendDone>()[0].ack.cause(), Cause::already_exists);
  context->effects.clear();
  ack("MYID");
  send("9922@lid", "hello", 2, "MYID");
  EXPECT_EQ(sent("message").size(), 1u);
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].request, 0u);
  EXPECT_EQ(done[1].request, 2u);
  EXPECT_TRUE(done[1].ack.ok());
  send("4933@s.whatsapp.net", "other", 3, "MYID");
  EXPECT_EQ(effects<SendDone>().at(2).ack.cause(), Cause::already_exists);
}

TEST_F(ChatSend, AReplyQuotesTheStoredMessageAndAnUnknownOneIsNamed) {
  auto& phone = *alice->devices[0];
  greet(phone, jid("9911:7@lid"));
  handle(message("THEIRS", jid("9922@lid"), phone.seal(jid("9911:7@lid"), text("question?"))));
  chat->send({1,
              jid("4922@s.whatsapp.net"),
              {},
              text_content("answer"),
              {.id = "THEIRS"},
              {jid("4922@s.whatsapp.net")}});
  commit();
  auto opened = phone.open(copies(last("message")).at("9922@lid"), jid("9911:7@lid"));
  ASSERT_TRUE(opened.ok());
  auto decoded = wire::proto::decode<wa_Message>(*opened);
  ASSERT_TRUE(decoded->has_extendedTextMessage);
  const auto& context_info = *decoded->extendedTextMessage.contextInfo;
  EXPECT_EQ(decoded->extendedTextMessage.text, "answer");
  EXPECT_EQ(context_info.stanzaID, "THEIRS");
  EXPECT_EQ(context_info.participant, "9922@lid");
  EXPECT_EQ(context_info.quotedMessage->conversation, "question?");
  EXPECT_EQ(context_info.mentionedJID, std::vector<std::string>{"9922@lid"});
  chat->send({2, jid("4922@s.whatsapp.net"), {}, text_content("answer"), {.id = "NOBODYS"}, {}});
  const auto refused = effects<SendDone>().back();
  EXPECT_EQ(refused.ack.cause(), Cause::bad_input);
  EXPECT_EQ(refused.ack.error().field, Field::answered);
}

// Its form is a part of the id that programs get.
TEST_F(ChatSend, AMessageIsToldUnderOneFormOfItsChatAlsoWhenTheOtherBecomesKnown) {
  auto& phone = *alice->devices[0];
  send("9922@lid", "who are you?", 1, "FIRST");
  ASSERT_EQ(effects<MessageEvent>().back().chat.text(), "9922@lid");
  ack("FIRST");
  EXPECT_EQ(effects<AckEvent>().back().told_chat.text(), "9922@lid");
  greet(phone, jid("9911:7@lid"));
  handle(message("THEIRS", jid("9922@lid"), phone.seal(jid("9911:7@lid"), text("Alice"))));
  send("9922@lid", "hello", 2, "SECOND");
  ack("SECOND");
  EXPECT_EQ(effects<AckEvent>().back().told_chat.text(), "4922@s.whatsapp.net");
  wire::Node read("receipt");
  read.set("id", "FIRST").set("from", jid("9922@lid")).set("type", "read").set("t", "1700000009");
  handle(read);
  EXPECT_EQ(effects<AckEvent>().back().ack, 3);
  EXPECT_EQ(effects<AckEvent>().back().chat.text(), "4922@s.whatsapp.net");
  EXPECT_EQ(effects<AckEvent>().back().told_chat.text(), "9922@lid");
}

TEST_F(ChatSend, AMessageThatIsNotStoredIsQuotedByItsIdAndAuthor) {
  send("4922@s.whatsapp.net", "hello");  // both forms of the address are known from here on
  const auto quoted_by = [&](MessageRef answered) {
    chat->send({1, jid("9922@lid"), {}, text_content("answer"), std::move(answered), {}});
    commit();
    auto& phone = *alice->devices[0];
    auto opened = phone.open(copies(last("message")).at("9922@lid"), jid("9911:7@lid"));
    auto decoded = wire::proto::decode<wa_Message>(opened.value());
    return std::move(decoded->extendedTextMessage.contextInfo);
  };
  const auto theirs = quoted_by({.id = "GONE", .author = jid("4922@s.whatsapp.net")});
  EXPECT_EQ(theirs->stanzaID, "GONE");
  EXPECT_EQ(theirs->participant, "9922@lid");
  EXPECT_EQ(theirs->quotedMessage, nullptr);
  EXPECT_EQ(quoted_by({.id = "OURS", .from_me = true, .chat = jid("4922@s.whatsapp.net")})->participant,
            "9911@lid");
  chat->send({2,
              jid("9922@lid"),
              {},
              text_content("answer"),
              {.id = "GONE", .author = jid("4933@s.whatsapp.net")},
              {}});
  EXPECT_EQ(effects<SendDone>().back().ack.error().field, Field::answered) << "of another chat";
  chat->send({3,
              jid("9922@lid"),
              {},
              text_content("answer"),
              {.id = "OURS", .from_me = true, .chat = jid("4933@s.whatsapp.net")},
              {}});
  EXPECT_EQ(effects<SendDone>().back().request, 3u);
  EXPECT_EQ(effects<SendDone>().back().ack.error().field, Field::answered) << "of another chat";
}

TEST_F(ChatSend, AListIsRefusedWithTheFieldsName) {
  send("123@broadcast", "hello");
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].ack.cause(), Cause::unsupported);
  EXPECT_EQ(done[0].ack.error().field, Field::recipient);
}

class ChatSendNewDevice : public ChatTest {
 protected:
  void add_device(std::uint16_t number, std::string hash = {}) {
    alice->listed_devices.push_back(number);
    alice->devices[number] = std::make_unique<PeerDevice>(alice->pn.with_device(number),
                                                          alice->lid.with_device(number), 600 + number);
    if (hash.empty()) {
      std::vector<wire::Jid> all;
      for (const auto id : alice->listed_devices) all.push_back(alice->pn.with_device(id));
      hash = participant_hash(all);
    }
    wire::Node device("device"), add("add"), notification("notification");
    device.set("jid", alice->pn.with_device(number)).set("key-index", std::uint64_t{number});
    add.set("device_hash", hash);
    add.add(std::move(device));
    notification.set("type", "devices").set("id", "n1").set("from", alice->pn).set("lid", alice->lid);
    notification.add(std::move(add));
    EXPECT_TRUE(handle(notification));
    EXPECT_EQ(last("ack").attr("class"), "notification");
  }
};

TEST_F(ChatSendNewDevice, GetsCopiesFromThenOn) {
  send("9922@lid", "hello");
  add_device(6, "2:AAAAAAAA");  // something was missed: the list is asked for
  send("9922@lid", "hello again", 2);
  EXPECT_TRUE(copies(last("message")).contains("9922:6@lid"));
}

TEST_F(ChatSendNewDevice, GetsACopyWhenItComesWhileTheKeysOfOthersAreFetched) {
  send("9922@lid", "hello");
  add_device(6);
  service.hold = true;
  send("9922@lid", "hello again", 2);
  ASSERT_EQ(service.held.size(), 1u);  // for the keys of 6
  add_device(8);
  service.release();
  commit();
  const auto to = copies(last("message"));
  EXPECT_TRUE(to.contains("9922:6@lid"));
  EXPECT_TRUE(to.contains("9922:8@lid"));
}

TEST_F(ChatSendNewDevice, GetsACopyOfWhatGoesOutAgain) {
  send("9922@lid", "hello", 1, "A");
  const auto before = copies(last("message"));
  add_device(6);
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  service.sent.clear();
  service.is_online = true;
  chat->online();
  commit();
  ASSERT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(last("message").attr("id"), "A");
  const auto after = copies(last("message"));
  EXPECT_EQ(after.size(), before.size() + 1);
  EXPECT_TRUE(after.contains("9922:6@lid"));
}

TEST_F(ChatSendNewDevice, HoldsNothingUpWhenTheFirstCopiesAreAcknowledgedMeanwhile) {
  send("9922@lid", "one", 1, "A");
  send("9922@lid", "two", 2, "B");
  add_device(6);
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  service.sent.clear();
  service.is_online = service.hold = true;
  chat->online();
  commit();
  ASSERT_TRUE(sent("message").empty()) << "the keys of the new device are on their way";
  ack("A");
  service.release();
  commit();
  ASSERT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(last("message").attr("id"), "B");
}

TEST_F(ChatSend, SessionsKeptUnderTheNumberMoveToTheHiddenId) {
  Person* carol = add_person("4944", "", {0});
  send("4944@s.whatsapp.net", "by number");
  EXPECT_EQ(last("message").attr("to"), "4944@s.whatsapp.net");
  auto* phone = service.device(jid("4944@s.whatsapp.net"));
  ASSERT_TRUE(
      phone->open(copies(last("message")).at("4944@s.whatsapp.net"), jid("4911:7@s.whatsapp.net")).ok());
  carol->lid = jid("9944@lid");
  wire::Node said =
      message("X", jid("4944@s.whatsapp.net"), phone->seal(jid("4911:7@s.whatsapp.net"), text("hi")));
  said.set("sender_lid", carol->lid);
  handle(said);
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].chat_lid.text(), "9944@lid");
  const std::size_t before =
      std::ranges::count_if(service.queries, [](const auto& q) { return q.is("xmlns", "encrypt"); });
  send("4944@s.whatsapp.net", "by hidden id", 2);
  EXPECT_EQ(last("message").attr("to"), "9944@lid");
  const auto asked = std::ranges::count_if(service.queries, [&](const auto& q) {
    return q.is("xmlns", "encrypt") && to_xml(q).find("9944@lid") != std::string::npos;
  });
  EXPECT_EQ(asked, 0);
  EXPECT_GE(before, 1u);
}

TEST_F(ChatSend, ANumberCheckTellsBothForms) {
  std::vector<Result<Number>> answers;
  const auto ask = [&](const std::string& digits) {
    ask_number(chat->desk(), digits, [&](Result<Number> answer) { answers.push_back(std::move(answer)); });
  };
  ask("4922");
  ask("49220");
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].cause(), Cause::bad_input);
  ASSERT_TRUE(answers[1]);
  EXPECT_FALSE(answers[1]->exists);
  add_person("4915551234", "99555", {0});
  ask("4915551234");
  ASSERT_TRUE(answers.back());
  EXPECT_TRUE(answers.back()->exists);
  EXPECT_EQ(answers.back()->pn.text(), "4915551234@s.whatsapp.net");
  EXPECT_EQ(answers.back()->lid.text(), "99555@lid");
}

}  // namespace
}  // namespace pigeond::engine
