#include <algorithm>

#include "store/account/lid_mappings.h"
#include "store/messages/messages.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const wire::Jid kUs = jid("9911:7@lid");

class ChatReceive : public ChatTest {
 protected:
  PeerDevice& phone() { return *alice->devices[0]; }

  // Everything we answered to the stanza of that id.
  std::vector<wire::Node> answers(const std::string& id) const {
    std::vector<wire::Node> found;
    for (const auto& node : service.sent)
      if ((node.tag == "receipt" || node.tag == "ack") && node.attr("id") == id) found.push_back(node);
    return found;
  }
  int level_of(const std::string& id) {
    auto query = database->prepare("SELECT ack FROM message WHERE id = ?");
    query.bind(id);
    return query.step() ? static_cast<int>(query.integer(0)) : -99;
  }
  wire::Node receipt(const std::string& id, const wire::Jid& from, const std::string& type) {
    wire::Node node("receipt");
    node.set("id", id).set("from", from).set("type", type).set("t", "1700000100");
    return node;
  }
  static wire::Node list(std::vector<std::string> ids) {
    wire::Node node("list");
    for (auto& id : ids) {
      wire::Node item("item");
      item.set("id", id);
      node.add(std::move(item));
    }
    return node;
  }
  wire::Node retry_receipt(const std::string& id, const wire::Jid& from, int count) {
    wire::Node node = receipt(id, from, "retry");
    wire::Node retry("retry"), registration("registration");
    retry.set("count", static_cast<std::uint64_t>(count)).set("id", id).set("v", "1");
    registration.body(registration_bytes(service.device(from)->store().registration_id()));
    node.add(std::move(retry)).add(std::move(registration));
    return node;
  }
};

TEST_F(ChatReceive, ATextIsShownStoredAndAnsweredWithADeliveryReceipt) {
  greet(phone(), kUs);
  EXPECT_TRUE(handle(message("M1", jid("9922@lid"), phone().seal(kUs, text("hi there")))));
  ASSERT_EQ(shown().size(), 1u);
  const auto event = shown()[0];
  EXPECT_EQ(event.id, "M1");
  EXPECT_EQ(event.body, "hi there");
  EXPECT_EQ(event.type, "text");
  EXPECT_EQ(event.push_name, "Alice");
  EXPECT_EQ(event.chat.text(), "4922@s.whatsapp.net");
  EXPECT_EQ(event.chat_lid.text(), "9922@lid");
  EXPECT_EQ(event.timestamp, 1700000001);
  EXPECT_FALSE(event.from_me);
  ASSERT_EQ(answers("M1").size(), 1u);
  EXPECT_EQ(answers("M1")[0].tag, "receipt");
  EXPECT_EQ(answers("M1")[0].attr("to"), "9922@lid");
  EXPECT_EQ(answers("M1")[0].attr("type"), "inactive");
  EXPECT_EQ(level_of("M1"), 2);
}

TEST_F(ChatReceive, TheSameStanzaAgainGetsTheSameReceiptAndNoEvent) {
  greet(phone(), kUs);
  const auto stanza = message("M1", jid("9922@lid"), phone().seal(kUs, text("hi")));
  handle(stanza);
  handle(stanza);
  EXPECT_EQ(shown().size(), 1u);
  ASSERT_EQ(answers("M1").size(), 2u);
  EXPECT_EQ(to_xml(answers("M1")[0]), to_xml(answers("M1")[1]));
}

TEST_F(ChatReceive, ACiphertextReadBeforeThatComesFromTheQueueIsAnsweredOnly) {
  greet(phone(), kUs);
  const auto enc = phone().seal(kUs, text("hi"));
  handle(message("M1", jid("9922@lid"), enc));
  auto again = message("M2", jid("9922@lid"), enc);
  handle(again.set("offline", "0"));
  EXPECT_EQ(shown().size(), 1u);
  ASSERT_EQ(answers("M2").size(), 1u);
  EXPECT_EQ(answers("M2")[0].tag, "receipt");
  EXPECT_EQ(answers("M2")[0].attr("type"), "inactive");
}

TEST_F(ChatReceive, AMessageKeyUsedTwiceIsAskedForAgain) {
  greet(phone(), kUs);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, text("one"))));
  const Bytes before = phone().store().load_session(address_of(kUs)).value();
  handle(message("M2", jid("9922@lid"), phone().seal(kUs, text("two"))));
  phone().store().save_session(address_of(kUs), before);  // the sender lost its last step
  handle(message("M3", jid("9922@lid"), phone().seal(kUs, text("three"))));
  EXPECT_EQ(shown().size(), 2u);
  EXPECT_EQ(answers("M3").at(0).attr("type"), "retry");
  handle(message("M3", jid("9922@lid"), phone().seal(kUs, text("three"))));
  ASSERT_EQ(shown().size(), 3u);
  EXPECT_EQ(shown()[2].body, "three");
}

TEST_F(ChatReceive, AMessageFromANumberIsDecryptedUnderItsHiddenId) {
  greet(phone(), kUs);
  wire::Node stanza = message("M1", jid("4922@s.whatsapp.net"), phone().seal(kUs, text("hi")));
  stanza.set("sender_lid", jid("9922@lid"));
  handle(stanza);
  ASSERT_EQ(shown().size(), 1u);
  send("4922@s.whatsapp.net", "answer");
  EXPECT_EQ(copies(last("message")).at("9922@lid").attr("type"), "msg");
}

TEST_F(ChatReceive, AnUndecryptableMessageIsAskedForAndThenRead) {
  greet(phone(), kUs);
  const auto first = phone().seal(kUs, text("lost"));
  Bytes broken = first.bytes();
  broken[broken.size() - 8] ^= 1;  // in the MAC: registration and signed pre-key id lie behind it
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "pkmsg").body(broken);
  handle(message("M1", jid("9922@lid"), enc));
  EXPECT_TRUE(shown().empty());
  ASSERT_EQ(answers("M1").size(), 2u);
  const auto asked = answers("M1")[0];
  EXPECT_EQ(asked.attr("type"), "retry");
  EXPECT_EQ(asked.child("retry")->attr("count"), "1");
  EXPECT_EQ(asked.child("retry")->attr("t"), "1700000001");
  EXPECT_EQ(read_registration(asked), 77u);
  EXPECT_EQ(asked.child("keys"), nullptr);
  EXPECT_EQ(answers("M1")[1].tag, "ack");
  handle(message("M1", jid("9922@lid"), enc));
  const auto second = answers("M1")[2];
  EXPECT_EQ(second.child("retry")->attr("count"), "2");
  ASSERT_NE(second.child("keys"), nullptr);
  // The sender takes our keys and sends again.
  auto bundle = parse_retry_keys(second);
  ASSERT_TRUE(bundle.ok());
  ASSERT_TRUE(phone().sessions().start(address_of(kUs), *bundle).ok());
  auto again = phone().seal(kUs, text("lost"));
  again.set("count", "2");
  handle(message("M1", jid("9922@lid"), again));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "lost");
  EXPECT_EQ(answers("M1").back().tag, "receipt");
  EXPECT_EQ(answers("M1").back().attr("type"), "inactive");
}

TEST_F(ChatReceive, AfterFiveRequestsAMessageIsGivenUp) {
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "msg").body(Bytes(60, 0x33));
  const auto stanza = message("M1", jid("9922@lid"), enc);
  for (int i = 0; i < 8; ++i) handle(stanza);
  int asked = 0;
  for (const auto& node : answers("M1")) asked += node.is("type", "retry");
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(answers("M1").size(), 13u);
}

TEST_F(ChatReceive, AMessageWithoutSessionIsAskedForWithKeysAtOnce) {
  send("9922@lid", "hello", 1, "MYID");
  ASSERT_TRUE(phone().open(copies(last("message")).at("9922@lid"), kUs).ok());
  const auto enc = phone().seal(kUs, text("past the first message"));
  ASSERT_EQ(enc.attr("type"), "msg");
  store::SignalRows(*database, session).forget("9922_1");
  handle(message("M9", jid("9922@lid"), enc));
  ASSERT_FALSE(answers("M9").empty());
  const auto asked = answers("M9")[0];
  EXPECT_EQ(asked.attr("type"), "retry");
  EXPECT_EQ(asked.child("retry")->attr("error"), "1");
  EXPECT_NE(asked.child("keys"), nullptr);
}

TEST_F(ChatReceive, BadPaddingIsNotShown) {
  greet(phone(), kUs);
  Bytes bad = text("hi");
  bad.push_back(7);  // says seven bytes of padding, and there is one
  auto ciphertext = phone().sessions().encrypt(address_of(kUs), bad);
  ASSERT_TRUE(ciphertext.ok());
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "pkmsg").body(ciphertext->bytes);
  handle(message("M1", jid("9922@lid"), enc));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(answers("M1")[0].attr("type"), "retry");
}

TEST_F(ChatReceive, BrokenProtobufIsRefusedWith491) {
  greet(phone(), kUs);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, Bytes{0x0a, 0x7f, 1})));
  EXPECT_TRUE(shown().empty());
  ASSERT_EQ(answers("M1").size(), 1u);
  EXPECT_EQ(answers("M1")[0].attr("error"), "491");
}

// The service takes a refused message for a sign that this client is broken.
TEST_F(ChatReceive, AStanzaWithoutContentOrOfAnUnknownKindIsAcknowledged) {
  wire::Node empty("message");
  empty.set("id", "M1").set("from", jid("9922@lid"));
  handle(empty);
  wire::Node enc("enc");
  handle(message("M2", jid("9922@lid"), enc.set("type", "hologram").set("v", "9").body(Bytes{1, 2, 3})));
  for (const char* id : {"M1", "M2"}) {
    ASSERT_EQ(answers(id).size(), 1u);
    EXPECT_EQ(answers(id)[0].tag, "ack");
    EXPECT_FALSE(answers(id)[0].has("error"));
  }
}

// Only a receipt ends the delivery of a copy of our own message.
TEST_F(ChatReceive, AnOwnCopyThatCantBeReadIsAskedForOnceAndSettledEachTime) {
  wire::Node enc("enc");
  wire::Node stanza = message("M1", jid("9911@lid"), enc.set("type", "msg").set("v", "2").body(Bytes(60, 7)));
  stanza.set("recipient", jid("9922@lid"));
  handle(stanza);
  ASSERT_EQ(answers("M1").size(), 2u);
  EXPECT_EQ(answers("M1")[0].attr("type"), "retry");
  EXPECT_EQ(answers("M1")[0].attr("recipient"), "9922@lid");
  EXPECT_EQ(answers("M1")[1].tag, "receipt");
  EXPECT_EQ(answers("M1")[1].attr("type"), "sender");
  EXPECT_EQ(answers("M1")[1].attr("recipient"), "9922@lid");
  service.sent.clear();
  handle(stanza);
  ASSERT_EQ(answers("M1").size(), 1u);
  EXPECT_EQ(answers("M1")[0].attr("type"), "sender");
}

TEST_F(ChatReceive, AStoryInAStanzaOfItsOwnIsReadAndItsStanzaAcknowledged) {
  greet(phone(), kUs);
  wire::Node story = message("M1", jid("status@broadcast"), phone().seal(kUs, text("look")));
  story.tag = "status";
  story.set("participant", jid("9922@lid"));
  EXPECT_TRUE(handle(story));
  EXPECT_EQ(shown().size(), 1u);
  ASSERT_EQ(answers("M1").size(), 2u);
  EXPECT_EQ(answers("M1")[0].attr("class"), "status");
  EXPECT_FALSE(answers("M1")[0].has("error"));
  EXPECT_EQ(answers("M1")[1].tag, "receipt");
}

TEST_F(ChatReceive, AStanzaWithoutSenderIsRefused) {
  wire::Node group("message");
  group.set("id", "M2").set("from", jid("123-4@g.us"));
  handle(group);
  EXPECT_EQ(answers("M2").at(0).attr("error"), "487");
}

Bytes mapping_sync(std::uint64_t pn, std::uint64_t lid) {
  wa_LIDMigrationMappingSyncPayload payload{};
  wa_LIDMigrationMapping mapping{};
  mapping.has_pn = mapping.has_assignedLid = true;
  mapping.pn = pn;
  mapping.assignedLid = lid;
  payload.pnToLidMappings.push_back(mapping);
  wa_Message message{};
  message.has_protocolMessage = message.protocolMessage.has_type = true;
  message.protocolMessage.type = wa_ProtocolMessage_Type_LID_MIGRATION_MAPPING_SYNC;
  message.protocolMessage.has_lidMigrationMappingSyncMessage = true;
  message.protocolMessage.lidMigrationMappingSyncMessage.encodedMappingPayload = wire::proto::encode(payload);
  return wire::proto::encode(message);
}

TEST_F(ChatReceive, ProtocolMessagesCountFromOwnDevicesOnly) {
  greet(phone(), kUs);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, mapping_sync(4933, 666))));
  auto& own_phone = *own->devices[0];
  greet(own_phone, kUs);
  wire::Node stanza = message("M2", jid("9911@lid"), own_phone.seal(kUs, mapping_sync(4944, 777)));
  stanza.set("category", "peer");
  handle(stanza);
  EXPECT_TRUE(shown().empty());
  store::LidMappings mappings(*database, session);
  EXPECT_FALSE(mappings.lid_of("4933").has_value());
  EXPECT_EQ(mappings.lid_of("4944"), "777");
  EXPECT_EQ(answers("M2").at(0).attr("type"), "peer_msg");
}

TEST_F(ChatReceive, ADeviceSentMessageFromAStrangerIsNotShown) {
  greet(phone(), kUs);
  Bytes inner, wrapper, outer;
  append_field(wrapper, 1, as_bytes(std::string("4999@s.whatsapp.net")));
  append_field(wrapper, 2, text("forged"));
  append_field(outer, 31, wrapper);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, outer)));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(answers("M1").size(), 1u);
}

TEST_F(ChatReceive, WhatAnOwnDeviceSentAppearsInTheChatItWasSentTo) {
  auto& own_phone = *own->devices[0];
  greet(own_phone, kUs);
  Bytes wrapper, outer;
  append_field(wrapper, 1, as_bytes(std::string("9922@lid")));
  append_field(wrapper, 2, text("from my phone"));
  append_field(outer, 31, wrapper);
  wire::Node stanza = message("M1", jid("9911@lid"), own_phone.seal(kUs, outer));
  stanza.set("recipient", jid("9922@lid")).set("peer_recipient_pn", jid("4922@s.whatsapp.net"));
  handle(stanza);
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_TRUE(shown()[0].from_me);
  EXPECT_FALSE(shown()[0].from_api);
  EXPECT_EQ(shown()[0].body, "from my phone");
  EXPECT_EQ(shown()[0].chat.text(), "4922@s.whatsapp.net");
  const auto answer = answers("M1").at(0);
  EXPECT_EQ(answer.attr("type"), "sender");
  EXPECT_EQ(answer.attr("to"), "9911@lid");
  EXPECT_EQ(answer.attr("recipient"), "9922@lid");
}

TEST_F(ChatReceive, AGroupMessageIsReadWithTheSenderKeyThatCameWithIt) {
  greet(phone(), kUs);
  const wire::Jid group = jid("120363000000000001@g.us");
  auto distribution = phone().groups().distribution(group.text(), address_of(phone().lid()));
  ASSERT_TRUE(distribution.ok());
  Bytes inner, outer;
  append_field(inner, 1, as_bytes(group.text()));
  append_field(inner, 2, *distribution);
  append_field(outer, 2, inner);
  auto body = phone().groups().encrypt(group.text(), address_of(phone().lid()), padded(text("to all"), 3));
  ASSERT_TRUE(body.ok());
  wire::Node skmsg("enc");
  skmsg.set("v", "2").set("type", "skmsg").body(*body);
  wire::Node stanza("message");
  stanza.set("id", "G1").set("from", group).set("participant", phone().lid()).set("addressing_mode", "lid");
  stanza.set("participant_pn", alice->pn).set("t", "1700000001");
  wire::Node alone = stanza;
  stanza.add(phone().seal(kUs, outer)).add(skmsg);
  handle(stanza);
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "to all");
  EXPECT_EQ(shown()[0].chat, group);
  EXPECT_EQ(shown()[0].sender_pn.text(), "4922@s.whatsapp.net");
  EXPECT_EQ(answers("G1").at(0).attr("participant"), "9922@lid");
}

// What programs are told as message.ack.group, though nothing is sent to groups yet.
TEST_F(ChatReceive, AGroupMessageThatThePhoneHasReadIsAcknowledgedAsTheGroups) {
  const wire::Jid group = jid("120363000000000001@g.us");
  store::MessageRow row;
  row.id = "G1";
  row.chat = group;
  row.sender = jid("9922@lid");
  row.timestamp = 1700000001;
  row.type = "text";
  ASSERT_GT(store::Messages(*database, session).insert(row), 0);
  wire::Node read = receipt("G1", group, "read-self");
  read.set("participant", jid("9911@lid"));
  handle(read);
  const auto acks = effects<AckEvent>();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].chat, group);
  EXPECT_EQ(acks[0].ack, 3);
}

TEST_F(ChatReceive, AGroupMessageWithoutItsKeyIsAskedForWithKeys) {
  wire::Node skmsg("enc"), stanza("message");
  const wire::Jid group = jid("120363000000000001@g.us");
  phone().groups().distribution(group.text(), address_of(phone().lid())).ok();
  auto body = phone().groups().encrypt(group.text(), address_of(phone().lid()), padded(text("to all"), 3));
  skmsg.set("v", "2").set("type", "skmsg").body(*body);
  stanza.set("id", "G1").set("from", group).set("participant", phone().lid()).set("t", "1700000001");
  stanza.add(skmsg);
  handle(stanza);
  const auto asked = answers("G1").at(0);
  EXPECT_EQ(asked.attr("type"), "retry");
  EXPECT_EQ(asked.attr("to"), group.text());
  EXPECT_EQ(asked.attr("participant"), "9922@lid");
  EXPECT_NE(asked.child("keys"), nullptr);
}

TEST_F(ChatReceive, LevelsRiseWithReceiptsAndNeverFall) {
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  handle(receipt("MYID", jid("9922@lid"), "read"));
  handle(receipt("MYID", jid("9922:5@lid"), ""));
  handle(receipt("MYID", jid("9922@lid"), "inactive"));
  std::vector<int> levels;
  for (const auto& event : effects<AckEvent>()) levels.push_back(event.ack);
  EXPECT_EQ(levels, (std::vector<int>{1, 3}));
  EXPECT_EQ(level_of("MYID"), 3);
  EXPECT_EQ(answers("MYID").size(), 3u);
  for (const auto& answer : answers("MYID")) EXPECT_EQ(answer.attr("class"), "receipt");
}

// The service has it, and the device not.
TEST_F(ChatReceive, ADeviceThatCantTakeAMessageLeavesItAtItsLevel) {
  send("9922@lid", "hello", 1, "MYID");
  wire::Node incapable = receipt("MYID", jid("9922@lid"), ""), error("error");
  incapable.add(error.set("type", "feature-incapable").set("reason", "lid"));
  handle(incapable);
  EXPECT_EQ(level_of("MYID"), 1) << "it proves that the service has it";
  handle(incapable);
  std::vector<int> levels;
  for (const auto& event : effects<AckEvent>()) levels.push_back(event.ack);
  EXPECT_EQ(levels, std::vector<int>{1});
  EXPECT_EQ(answers("MYID").size(), 2u);
  wire::Node other = receipt("MYID", jid("9922:5@lid"), "");
  handle(other.add(wire::Node("error").set("type", "other")));
  EXPECT_EQ(level_of("MYID"), 2);
}

TEST_F(ChatReceive, AReceiptsListCoversAllItsMessages) {
  for (const char* id : {"A", "B", "C"}) {
    send("9922@lid", "hello", 1, id);
    ack(id);
  }
  wire::Node read = receipt("C", jid("9922@lid"), "read");
  read.add(list({"B", "A"}));
  handle(read);
  for (const char* id : {"A", "B", "C"}) EXPECT_EQ(level_of(id), 3) << id;
}

TEST_F(ChatReceive, AStrangersReceiptChangesNothing) {
  add_person("4933", "9933", {0});
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  handle(receipt("MYID", jid("9933@lid"), "read"));
  EXPECT_EQ(level_of("MYID"), 1);
}

TEST_F(ChatReceive, AReceiptStandsInForALostAck) {
  send("9922@lid", "hello", 6, "MYID");
  handle(receipt("MYID", jid("9922@lid"), ""));
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_TRUE(done[0].ack.ok());
  EXPECT_EQ(level_of("MYID"), 2);
  ack("MYID");
  EXPECT_EQ(level_of("MYID"), 2);
}

TEST_F(ChatReceive, ReadingElsewhereRaisesTheLevelOfTheirMessages) {
  greet(phone(), kUs);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, text("hi"))));
  wire::Node node = receipt("M1", jid("9911@lid"), "read-self");
  node.set("recipient", jid("9922@lid"));
  handle(node);
  EXPECT_EQ(level_of("M1"), 3);
  EXPECT_FALSE(effects<AckEvent>().at(0).from_me);
}

TEST_F(ChatReceive, ARetryRequestIsAnsweredToThatDeviceAloneWithTheSameId) {
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  service.sent.clear();
  wire::Node request = retry_receipt("MYID", jid("9922:5@lid"), 1);
  request.add(service.device(jid("9922:5@lid"))->keys());
  handle(request);
  const auto again = last("message");
  EXPECT_EQ(again.attr("id"), "MYID");
  EXPECT_EQ(again.attr("to"), "9922:5@lid");
  EXPECT_EQ(again.attr("device_fanout"), "false");
  ASSERT_NE(again.child("enc"), nullptr);
  EXPECT_EQ(again.child("enc")->attr("count"), "1");
  EXPECT_NE(again.child("device-identity"), nullptr);
  auto opened = service.device(jid("9922:5@lid"))->open(*again.child("enc"), kUs);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(wire::proto::decode<wa_Message>(*opened)->conversation, "hello");
  ASSERT_EQ(answers("MYID").size(), 1u);
  EXPECT_EQ(answers("MYID")[0].attr("class"), "receipt");
  EXPECT_EQ(answers("MYID")[0].attr("type"), "retry");
}

TEST_F(ChatReceive, AnotherRegistrationFetchesANewSession) {
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  alice->devices[5] = std::make_unique<PeerDevice>(jid("4922:5@s.whatsapp.net"), jid("9922:5@lid"), 500);
  service.sent.clear();
  handle(retry_receipt("MYID", jid("9922:5@lid"), 1));
  auto opened = service.device(jid("9922:5@lid"))->open(*last("message").child("enc"), kUs);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(wire::proto::decode<wa_Message>(*opened)->conversation, "hello");
}

TEST_F(ChatReceive, TheSameSessionAtTheThirdRequestIsReplaced) {
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  const auto fetched = [&] {
    return std::ranges::count_if(service.queries,
                                 [](const auto& query) { return query.is("xmlns", "encrypt"); });
  };
  const auto before = fetched();
  handle(retry_receipt("MYID", jid("9922:5@lid"), 2));
  EXPECT_EQ(fetched(), before);
  handle(retry_receipt("MYID", jid("9922:5@lid"), 3));
  EXPECT_EQ(fetched(), before + 1);
}

TEST_F(ChatReceive, RetryRequestsHaveALimitAndAStrangersIsNotAnswered) {
  add_person("4933", "9933", {0});
  send("9922@lid", "hello", 1, "MYID");
  ack("MYID");
  service.sent.clear();
  handle(retry_receipt("MYID", jid("9933@lid"), 1));
  handle(retry_receipt("MYID", jid("9922@lid"), 5));
  EXPECT_TRUE(sent("message").empty());
  for (int i = 0; i < 9; ++i) handle(retry_receipt("MYID", jid("9922@lid"), 1));
  EXPECT_EQ(sent("message").size(), 5u);
}

TEST_F(ChatReceive, ANewIdentityMakesSessionsStartAnew) {
  send("9922@lid", "hello", 1, "A");
  ack("A");
  wire::Node notification("notification");
  notification.set("type", "encrypt").set("id", "n1").set("from", alice->lid);
  notification.add(wire::Node("identity"));
  EXPECT_TRUE(handle(notification));
  EXPECT_EQ(last("ack").attr("class"), "notification");
  EXPECT_FALSE(last("ack").has("type"));
  alice->devices[0] = std::make_unique<PeerDevice>(alice->pn, alice->lid, 900);
  send("9922@lid", "again", 2, "B");
  auto opened = phone().open(copies(last("message")).at("9922@lid"), kUs);
  ASSERT_TRUE(opened.ok());
}

TEST_F(ChatReceive, AForgedIdentityLeavesTheOldSessionUsable) {
  greet(phone(), kUs);
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, text("one"))));
  PeerDevice impostor(alice->pn, alice->lid, 901);
  greet(impostor, kUs);
  auto forged = impostor.seal(kUs, text("forged"));
  Bytes broken = forged.bytes();
  broken.back() ^= 1;
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "pkmsg").body(broken);
  handle(message("M2", jid("9922@lid"), enc));
  handle(message("M3", jid("9922@lid"), phone().seal(kUs, text("two"))));
  ASSERT_EQ(shown().size(), 2u);
  EXPECT_EQ(shown()[1].body, "two");
}

TEST_F(ChatReceive, NotificationsOfOtherKindsAreLeftToOthers) {
  wire::Node notification("notification");
  notification.set("type", "picture").set("id", "n1").set("from", alice->lid);
  EXPECT_FALSE(handle(notification));
  EXPECT_TRUE(sent("ack").empty());
}

}  // namespace
}  // namespace pigeond::engine
