// Texts to groups: who gets the sender key, when it is another one, and what the service is asked.
#include <algorithm>

#include "engine/groups/group.h"
#include "engine/messages/desk.h"
#include "engine/messages/groups/group_sending.h"
#include "engine/messages/out/phash.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const char* const kGroup = "120363000000000001@g.us";

class GroupSend : public ChatTest {
 protected:
  GroupSend() {
    bob = add_person("4933", "9933", {0});
    members = {own, alice, bob};
    service.account_answers["w:g2"] = [this](const wire::Node&) -> Result<wire::Node> {
      if (refusal != 0) return fail(Cause::ack_error, "refused", refusal);
      wire::Node result("iq");
      return result.add(group_node());
    };
  }

  wire::Node group_node() const {
    wire::Node group("group");
    group.set("id", "120363000000000001")
        .set("subject", "Test")
        .set("addressing_mode", by_lid ? "lid" : "pn");
    for (const Person* person : members) {
      wire::Node participant("participant");
      participant.set("jid", by_lid ? person->lid : person->pn);
      participant.set(by_lid ? "phone_number" : "lid", by_lid ? person->pn : person->lid);
      if (person == alice) participant.set("type", "admin");
      group.add(std::move(participant));
    }
    if (announce) group.add(wire::Node("announcement"));
    return group;
  }
  // As a notification does it.
  void change() {
    auto group = parse_group(group_node());
    ASSERT_TRUE(group.ok()) << group.error().detail;
    chat->desk().groups.learn(std::move(*group));
    commit();
  }

  // What a device makes of a stanza of ours: the text, or why not.
  std::string read(const Person& person, std::uint16_t number, const wire::Node& stanza) {
    const wire::Jid self = by_lid ? jid("9911:7@lid") : jid("4911:7@s.whatsapp.net");
    PeerDevice& device = *person.devices.at(number);
    const auto to = copies(stanza);
    const std::string name = (by_lid ? person.lid : person.pn).with_device(number).text();
    if (const auto copy = to.find(name); copy != to.end()) {
      const auto opened = device.open(copy->second, self);
      if (!opened) return std::string(cause_name(opened.cause()));
      take_key(device, *opened, self);
    }
    const auto plain = device.groups().decrypt(kGroup, address_of(self), stanza.child("enc")->bytes());
    return plain ? text_of(*unpadded(*plain)) : std::string(cause_name(plain.cause()));
  }
  static void take_key(PeerDevice& device, ByteView message, const wire::Jid& self) {
    auto decoded = wire::proto::decode<wa_Message>(message);
    ASSERT_TRUE(decoded.ok());
    ASSERT_TRUE(decoded->has_senderKeyDistributionMessage);
    EXPECT_EQ(decoded->senderKeyDistributionMessage.groupID, kGroup);
    EXPECT_TRUE(device.groups()
                    .process(kGroup, address_of(self),
                             decoded->senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage)
                    .ok());
  }
  static std::string text_of(ByteView message) {
    auto decoded = wire::proto::decode<wa_Message>(message);
    if (!decoded) return "?";
    return decoded->has_extendedTextMessage ? decoded->extendedTextMessage.text : decoded->conversation;
  }
  static std::vector<std::string> names(const wire::Node& stanza) {
    std::vector<std::string> out;
    for (const auto& [name, enc] : copies(stanza)) out.push_back(name);
    return out;
  }
  using Names = std::vector<std::string>;
  std::string ask_again(const char* device, const char* count) {
    wire::Node receipt("receipt"), retry("retry"), registration("registration");
    const std::string id = last("message").attr("id");
    registration.body(registration_bytes(service.device(jid(device))->store().registration_id()));
    retry.set("v", "1").set("count", count).set("id", id).set("t", "1700000005");
    receipt.set("id", id).set("from", kGroup).set("participant", jid(device)).set("type", "retry");
    handle(receipt.add(std::move(retry)).add(std::move(registration)));
    return id;
  }

  Person* bob = nullptr;
  std::vector<Person*> members;
  bool by_lid = true, announce = false;
  int refusal = 0;
};

TEST_F(GroupSend, EveryDeviceOfEveryMemberReadsIt) {
  send(kGroup, "hello");
  const wire::Node stanza = last("message");
  EXPECT_EQ(stanza.attr("to"), kGroup);
  EXPECT_EQ(stanza.attr("addressing_mode"), "lid");
  EXPECT_EQ(stanza.attr("phash"), participant_hash({jid("9911@lid"), jid("9911:7@lid"), jid("9911:9@lid"),
                                                    jid("9922@lid"), jid("9922:5@lid"), jid("9933@lid")}));
  EXPECT_EQ(read(*alice, 0, stanza), "hello");
  EXPECT_EQ(read(*alice, 5, stanza), "hello");
  EXPECT_EQ(read(*bob, 0, stanza), "hello");
  EXPECT_EQ(read(*own, 0, stanza), "hello");
  EXPECT_EQ(read(*own, 9, stanza), "hello");
  EXPECT_NE(stanza.child("device-identity"), nullptr);
}

TEST_F(GroupSend, AGroupByNumberIsAddressedByNumber) {
  by_lid = false;
  send(kGroup, "hello");
  const wire::Node stanza = last("message");
  EXPECT_EQ(stanza.attr("addressing_mode"), "pn");
  EXPECT_EQ(names(stanza), (Names{"4911:9@s.whatsapp.net", "4911@s.whatsapp.net", "4922:5@s.whatsapp.net",
                                  "4922@s.whatsapp.net", "4933@s.whatsapp.net"}));
  EXPECT_EQ(read(*bob, 0, stanza), "hello");
}

TEST_F(GroupSend, AFurtherTextAsksNothingAndHandsItsKeyToOwnDevicesAlone) {
  send(kGroup, "one");
  const wire::Node first = last("message");
  ack(first.attr("id"));
  const auto asked = service.queries.size(), groups = service.account_queries.size();
  send(kGroup, "two", 2);
  const wire::Node second = last("message");
  EXPECT_EQ(names(second), (Names{"9911:9@lid", "9911@lid"}));
  EXPECT_EQ(service.queries.size(), asked);
  EXPECT_EQ(service.account_queries.size(), groups);
  EXPECT_EQ(read(*bob, 0, first), "one");
  EXPECT_EQ(read(*bob, 0, second), "two");
}

// Computed anew, it reads rows of each of a thousand members.
TEST_F(GroupSend, WhatBecomesKnownOfOthersThanItsMembersCostsNoPlan) {
  send(kGroup, "one");
  ack(last("message").attr("id"));
  Desk& desk = chat->desk();
  GroupSending sending(desk);
  const auto made = [&] {
    sending.plan(desk.groups.known(jid(kGroup)));
    return sending.made();
  };
  ASSERT_EQ(made(), 1u);
  const Person* stranger = add_person("4944", "", {0, 3});
  send("4944@s.whatsapp.net", "hello", 2);
  EXPECT_TRUE(desk.devices.devices(stranger->pn));
  desk.ciphers.forget_user(stranger->pn);
  desk.devices.drop(stranger->pn);
  EXPECT_EQ(made(), 1u);
  auto group = *desk.groups.known(jid(kGroup));
  group.facts.subject = "another";
  desk.groups.learn(std::move(group));
  EXPECT_EQ(made(), 1u);
  desk.groups.doubt_all();  // read from its rows again
  change();
  EXPECT_EQ(made(), 1u);
}

TEST_F(GroupSend, WhatChangesAboutAMemberCostsAPlan) {
  send(kGroup, "one");
  Desk& desk = chat->desk();
  GroupSending sending(desk);
  const auto made = [&] {
    sending.plan(desk.groups.known(jid(kGroup)));
    return sending.made();
  };
  std::uint64_t plans = 1;
  ASSERT_EQ(made(), plans);
  for (const wire::Jid& user : {bob->lid, bob->pn, own->lid, own->pn}) {
    desk.devices.set(user, {{{0, 0, false}, {static_cast<std::uint16_t>(20 + plans), 1, false}}});
    EXPECT_EQ(made(), ++plans) << user.text();
    desk.ciphers.forget_user(user);
    EXPECT_EQ(made(), ++plans) << user.text();
    desk.devices.drop(user);
    EXPECT_EQ(made(), ++plans) << user.text();
  }
  members = {own, alice};
  change();
  EXPECT_EQ(made(), ++plans);
}

// Whom one answer leaves out is not known to have no devices.
TEST_F(GroupSend, WhoIsLeftOutOfTheAnswerIsGoneWithoutAndAskedForAgainLater) {
  const auto asked_for_bob = [&] {
    return std::ranges::count_if(service.queries, [&](const wire::Node& iq) {
      bool named = false;
      if (const auto* list = iq.path({"usync", "list"}))
        list->each("user", [&](const wire::Node& user) { named = named || user.is("jid", "9933@lid"); });
      return named;
    });
  };
  bob->listed = false;
  send(kGroup, "one");
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid", "9922:5@lid", "9922@lid"}));
  EXPECT_FALSE(chat->desk().devices.devices(bob->lid)) << "as if the service had said that there are none";
  ack(last("message").attr("id"));
  bob->listed = true;
  send(kGroup, "two", 2);
  EXPECT_EQ(asked_for_bob(), 1) << "not with each message";
  ack(last("message").attr("id"));
  now.mono += 10 * kMinute;
  context->now = now;
  send(kGroup, "three", 3);
  EXPECT_EQ(asked_for_bob(), 2);
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid", "9933@lid"}));
  EXPECT_EQ(read(*bob, 0, last("message")), "three");
}

TEST_F(GroupSend, WhoHoldsTheKeyAndIsLeftOutReadsOn) {
  send(kGroup, "one");
  EXPECT_EQ(read(*bob, 0, last("message")), "one");
  ack(last("message").attr("id"));
  bob->listed = false;
  chat->desk().devices.drop(bob->pn);
  send(kGroup, "two", 2);
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid"})) << "the key is the same one";
  EXPECT_EQ(read(*bob, 0, last("message")), "two");
}

TEST_F(GroupSend, AnEmptyAnswerEndsNoMessageInQuestions) {
  wire::Node usync("usync");
  service.usync_answer = wire::Node("iq").add(usync.add(wire::Node("list")));
  send(kGroup, "one");
  ASSERT_EQ(sent("message").size(), 1u);
  service.usync_answer.reset();
  ack(last("message").attr("id"));
  chat->desk().devices.drop(bob->pn);  // something is told of him
  send(kGroup, "two", 2);
  EXPECT_EQ(names(last("message")), Names{"9933@lid"});
}

TEST_F(GroupSend, OneMessageHandsTheKeyOutAtATime) {
  send(kGroup, "one", 1);
  send(kGroup, "two", 2);
  send(kGroup, "three", 3);
  ASSERT_EQ(sent("message").size(), 1u);
  ack(last("message").attr("id"));
  const auto all = sent("message");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(names(all[1]), (Names{"9911:9@lid", "9911@lid"}));
  const char* const texts[] = {"one", "two", "three"};
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(read(*alice, 5, all[i]), texts[i]);
}

TEST_F(GroupSend, WhoWasRemovedCantReadWhatFollows) {
  send(kGroup, "before");
  const wire::Node before = last("message");
  ack(before.attr("id"));
  EXPECT_EQ(read(*bob, 0, before), "before");
  EXPECT_EQ(read(*alice, 0, before), "before");
  members = {own, alice};
  change();
  send(kGroup, "after", 2);
  const wire::Node after = last("message");
  EXPECT_EQ(read(*bob, 0, after), "no_sender_key");
  EXPECT_EQ(read(*alice, 0, after), "after");
}

TEST_F(GroupSend, WhoWasRemovedBeforeTheKeyWasAcknowledgedCantReadEither) {
  send(kGroup, "before");
  const wire::Node before = last("message");
  members = {own, alice};
  change();
  ack(before.attr("id"));
  EXPECT_EQ(read(*bob, 0, before), "before");
  send(kGroup, "after", 2);
  EXPECT_EQ(read(*bob, 0, last("message")), "no_sender_key");
}

TEST_F(GroupSend, ACompanionThatWasUnlinkedCantReadWhatFollows) {
  send(kGroup, "before");
  const wire::Node before = last("message");
  ack(before.attr("id"));
  EXPECT_EQ(read(*alice, 5, before), "before");
  wire::Node gone("device"), removed("remove"), notification("notification");
  gone.set("jid", jid("9922:5@lid"));
  removed.add(std::move(gone)).set("device_hash", participant_hash({jid("9922@lid")}));
  notification.set("from", "9922@lid").set("type", "devices").set("id", "n1").add(std::move(removed));
  handle(notification);
  alice->listed_devices = {0};
  send(kGroup, "after", 2);
  const wire::Node after = last("message");
  EXPECT_EQ(read(*alice, 5, after), "no_sender_key");
  EXPECT_EQ(read(*alice, 0, after), "after");
}

TEST_F(GroupSend, WhoJoinsGetsTheKeyAndNobodyElse) {
  members = {own, alice};
  send(kGroup, "one");
  const wire::Node first = last("message");
  ack(first.attr("id"));
  EXPECT_EQ(read(*alice, 0, first), "one");
  members = {own, alice, bob};
  change();
  send(kGroup, "two", 2);
  const wire::Node second = last("message");
  EXPECT_EQ(names(second), (Names{"9911:9@lid", "9911@lid", "9933@lid"}));
  EXPECT_EQ(read(*bob, 0, second), "two");
  EXPECT_EQ(read(*alice, 0, second), "two");
}

TEST_F(GroupSend, AKeyThatALaterVersionOfAMessageHandsOutIsHandedOutAgain) {
  members = {own, alice};
  send("9933@lid", "of your devices I know");
  ack(last("message").attr("id"));
  send(kGroup, "one", 2);
  const wire::Node first = last("message");  // the service has it, and its ack is lost
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  members = {own, alice, bob};
  change();
  service.is_online = true;
  chat->online();
  commit();
  ASSERT_EQ(last("message").attr("id"), first.attr("id"));
  ASSERT_NE(names(last("message")), names(first));
  ack(first.attr("id"));  // it was a duplicate: nobody got what is new in it
  send(kGroup, "two", 3);
  EXPECT_EQ(read(*bob, 0, last("message")), "two");
}

TEST_F(GroupSend, WhoWasAwayForAMomentGetsTheKeyAgain) {
  send(kGroup, "one");
  ack(last("message").attr("id"));  // the service has let nobody have it who was away just then
  GroupChange change;
  change.members = {{bob->lid, bob->pn}};
  for (const auto kind : {GroupChange::Kind::left, GroupChange::Kind::joined}) {
    change.kind = kind;
    chat->desk().groups.apply(jid(kGroup), change, alice->lid, 1700000001);
  }
  commit();
  send(kGroup, "two", 2);
  EXPECT_EQ(read(*bob, 0, last("message")), "two");
}

TEST_F(GroupSend, WhoWasAwayHimselfHandsOutANewKeyToTheSameMembers) {
  send(kGroup, "one");
  ack(last("message").attr("id"));
  GroupChange change;
  change.members = {{own->lid, own->pn}};
  for (const auto kind : {GroupChange::Kind::left, GroupChange::Kind::joined}) {
    change.kind = kind;
    chat->desk().groups.apply(jid(kGroup), change, alice->lid, 1700000001);
  }
  commit();
  send(kGroup, "two", 2);
  const wire::Node again = last("message");
  EXPECT_EQ(read(*bob, 0, again), "two");
  EXPECT_GT(names(again).size(), 2u) << "everybody gets it, and not our own devices alone";
}

TEST_F(GroupSend, WithAnotherFormOfAddressesEverybodyGetsAnotherKey) {
  by_lid = false;
  send(kGroup, "by number");
  ack(last("message").attr("id"));
  by_lid = true;
  change();
  send(kGroup, "by LID", 2);
  const wire::Node stanza = last("message");
  EXPECT_EQ(names(stanza), (Names{"9911:9@lid", "9911@lid", "9922:5@lid", "9922@lid", "9933@lid"}));
  EXPECT_EQ(read(*bob, 0, stanza), "by LID");
}

TEST_F(GroupSend, AStaleFormOfAddressesIsHealedByAskingForTheGroup) {
  by_lid = false;
  send(kGroup, "hello");
  by_lid = true;
  ack(last("message").attr("id"), "421");
  const auto all = sent("message");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].attr("id"), all[0].attr("id"));
  EXPECT_EQ(all[1].attr("addressing_mode"), "lid");
  EXPECT_EQ(read(*alice, 5, all[1]), "hello");
}

TEST_F(GroupSend, WhoWasInstalledAnewGetsTheKeyAgain) {
  send(kGroup, "one");
  ack(last("message").attr("id"));
  wire::Node notification("notification");
  notification.set("from", "9933@s.whatsapp.net").set("type", "encrypt").set("id", "n1");
  handle(notification.add(wire::Node("identity")));
  send(kGroup, "two", 2);
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid", "9933@lid"}));
}

TEST_F(GroupSend, AMemberThatCouldNotReadGetsItWithTheKey) {
  send(kGroup, "hello");
  ack(last("message").attr("id"));
  const std::string id = ask_again("9922:5@lid", "1");
  const wire::Node resent = last("message");
  EXPECT_EQ(resent.attr("id"), id);
  EXPECT_EQ(resent.attr("to"), kGroup);
  EXPECT_EQ(resent.attr("participant"), "9922:5@lid");
  EXPECT_FALSE(resent.has("device_fanout"));
  EXPECT_EQ(resent.child("enc")->attr("count"), "1");
  PeerDevice& device = *alice->devices.at(5);
  const auto opened = device.open(*resent.child("enc"), jid("9911:7@lid"));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(text_of(*opened), "hello");
  take_key(device, *opened, jid("9911:7@lid"));
  send(kGroup, "next", 2);
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid", "9922:5@lid"}));
}

TEST_F(GroupSend, WhoIsNoMemberGetsNothingByAsking) {
  add_person("4944", "9944", {0});
  send(kGroup, "hello");
  ack(last("message").attr("id"));
  const auto before = sent("message").size();
  ask_again("9944@lid", "1");
  EXPECT_EQ(sent("message").size(), before);
  EXPECT_EQ(last("ack").attr("class"), "receipt");
}

TEST_F(GroupSend, ADeviceThatAsksForEverIsAnsweredFiveTimes) {
  send(kGroup, "hello");
  ack(last("message").attr("id"));
  const std::string id = last("message").attr("id");
  for (int i = 0; i < 9; ++i) {
    wire::Node receipt("receipt"), retry("retry");
    retry.set("count", "1").set("id", id);
    receipt.set("id", id).set("from", kGroup).set("participant", jid("9922@lid")).set("type", "retry");
    handle(receipt.add(std::move(retry)));
  }
  EXPECT_EQ(sent("message").size(), 1u + 5u);
}

TEST_F(GroupSend, OtherDevicesThanTheServiceKnowsAreAskedForOnce) {
  send(kGroup, "one");
  const auto groups = service.account_queries.size();
  for (const char* id : {"first", "second"}) {
    wire::Node node("ack");
    node.set("class", "message").set("id", last("message").attr("id")).set("from", kGroup);
    node.set("t", "1700000005").set("phash", "2:AAAAAAAA");
    handle(node);
    send(kGroup, id, 2, id);
  }
  EXPECT_EQ(service.account_queries.size(), groups + 1);
  EXPECT_EQ(effects<SendDone>().size(), 2u);
}

TEST_F(GroupSend, WhoMayNotWriteIsToldWhyAndMayOnceHeIsAnAdmin) {
  announce = true;
  send(kGroup, "hello", 1, "first");
  EXPECT_TRUE(sent("message").empty());
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].ack.error().cause, Cause::admins_only);
  announce = false;
  send(kGroup, "hello", 2, "second");
  EXPECT_EQ(sent("message").size(), 1u);
}

TEST_F(GroupSend, WhoIsNotInTheGroupIsToldSo) {
  refusal = 403;
  send(kGroup, "hello");
  EXPECT_TRUE(sent("message").empty());
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].ack.error().cause, Cause::not_a_member);
  EXPECT_EQ(effects<SendDone>()[0].ack.error().code, 0);
}

TEST_F(GroupSend, AMessageThatIsRefusedBecauseTheAccountHasLeftEndsWithThat) {
  send(kGroup, "hello");
  refusal = 403;
  ack(last("message").attr("id"), "403");
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].ack.error().cause, Cause::not_a_member);
  EXPECT_EQ(effects<SendDone>()[0].ack.error().code, 0);
}

TEST_F(GroupSend, AfterARestartTheSameBytesGoOutAgain) {
  send(kGroup, "hello");
  const wire::Node before = last("message");
  chat.reset();
  service.sent.clear();
  start();
  commit();
  EXPECT_EQ(last("message"), before);
  ack(before.attr("id"));
  send(kGroup, "two", 2);
  EXPECT_EQ(names(last("message")), (Names{"9911:9@lid", "9911@lid"}));
}

TEST_F(GroupSend, EachMembersReceiptIsToldOnceAndTheMessageIsAsFarAsTheLast) {
  send(kGroup, "hello");
  const std::string id = last("message").attr("id");
  ack(id);
  const auto receipt = [&](const char* from, const char* type) {
    wire::Node node("receipt");
    handle(
        node.set("id", id).set("from", kGroup).set("participant", jid(from)).set("type", type).set("t", "5"));
  };
  const auto level = [&] { return chat->desk().messages.heads(id).front().ack; };
  const auto told = [&] { return effects<AckEvent>().size(); };
  const auto before = told();
  receipt("9922@lid", "");
  receipt("9922:5@lid", "");
  EXPECT_EQ(told(), before + 1);
  EXPECT_EQ(level(), 1);
  receipt("9933@lid", "");
  EXPECT_EQ(told(), before + 2);
  EXPECT_EQ(level(), 2);
  receipt("4933@s.whatsapp.net", "read");
  EXPECT_EQ(told(), before + 3);
  EXPECT_EQ(effects<AckEvent>().back().participant, jid("4933@s.whatsapp.net"));
  EXPECT_EQ(level(), 2);
  receipt("9933@lid", "");  // late
  EXPECT_EQ(told(), before + 3);
}

TEST_F(GroupSend, HowManyAreToGetItIsKeptOnceHoweverOftenItIsWritten) {
  const auto recipients = [&] {
    auto row = database->prepare("SELECT group_concat(recipients) FROM receipt_total");
    return row.step() ? row.text(0) : std::string();
  };
  send(kGroup, "hello");
  EXPECT_EQ(recipients(), "2");
  chat.reset();
  start();  // the same bytes again
  commit();
  EXPECT_EQ(recipients(), "2");
  const std::string id = last("message").attr("id");
  ack(id);
  ask_again("9922:5@lid", "1");
  EXPECT_EQ(recipients(), "2");
  members = {own, alice};
  change();
  wire::Node read("receipt");
  handle(read.set("id", id).set("from", kGroup).set("participant", alice->lid).set("type", "read"));
  EXPECT_EQ(chat->desk().messages.heads(id).front().ack, 1) << "who left is still one of them";
}

}  // namespace
}  // namespace pigeond::engine
