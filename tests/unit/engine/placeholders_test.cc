// Messages that come without a content: told as such, asked of the phone, and taken when they come.
#include <algorithm>

#include "store/messages/messages.h"
#include "store/messages/placeholders.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const wire::Jid kUs = jid("9911:7@lid"), kAlice = jid("9922@lid");

class PlaceholderTest : public ChatTest {
 protected:
  PeerDevice& phone() { return *own->devices[0]; }
  PeerDevice& sender() { return *alice->devices[0]; }

  wire::Node without_content(const std::string& id,
                             const wire::Node& unavailable = wire::Node("unavailable")) {
    return message(id, kAlice, unavailable);
  }
  // In a group, of which each knows that the other is in it.
  wire::Node of_group(const std::string& id, const wire::Jid& author,
                      const wire::Node& unavailable = wire::Node("unavailable")) {
    wire::Node stanza("message");
    stanza.set("id", id).set("from", jid("123-4@g.us")).set("participant", author).set("t", "1700000001");
    return stanza.add(unavailable);
  }
  static wire::Node kept_by_the_phone() {
    wire::Node view_once("unavailable");
    return view_once.set("type", "view_once");
  }
  static wire::Jid member(int i) { return wire::lid("77" + std::to_string(100 + i)); }
  wire::Node undecryptable(const std::string& id) {
    wire::Node enc("enc");
    return message(id, kAlice, enc.set("v", "2").set("type", "msg").body(Bytes(60, 0x33)));
  }
  // What was asked of the phone: requests, as it reads them.
  std::vector<wire::Node> requests() const {
    std::vector<wire::Node> found;
    for (const auto& node : sent("message"))
      if (node.is("category", "peer")) found.push_back(node);
    return found;
  }
  wa_MessageKey key_of(const wire::Node& request) {
    const auto opened = phone().open(*request.child("enc"), kUs);
    if (!opened) {
      ADD_FAILURE() << "the phone can't read it";
      return {};
    }
    const auto asked = wire::proto::decode<wa_Message>(*opened);
    const auto& wanted = asked->protocolMessage.peerDataOperationRequestMessage;
    EXPECT_EQ(asked->protocolMessage.type, wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_MESSAGE);
    EXPECT_EQ(wanted.peerDataOperationRequestType,
              wa_PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND);
    return wanted.placeholderMessageResendRequest.at(0).messageKey;
  }
  // What a phone has of a message: named by number, as phones do. No text: it has none either.
  static Bytes answer(const std::string& id, const std::string& text,
                      const std::string& chat = "4922@s.whatsapp.net", bool from_me = false,
                      const std::string& request = {}) {
    wa_WebMessageInfo info{};
    info.has_key = info.key.has_fromMe = true;
    info.key.id = id;
    info.key.remoteJID = chat;
    info.key.fromMe = from_me;
    if (!text.empty()) {
      info.message = std::make_unique<wa_Message>();
      info.message->conversation = text;
    }
    auto out = std::make_unique<wa_Message>();
    out->has_protocolMessage = out->protocolMessage.has_type = true;
    out->protocolMessage.type = wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE;
    out->protocolMessage.has_peerDataOperationRequestResponseMessage = true;
    auto& said = out->protocolMessage.peerDataOperationRequestResponseMessage;
    said.stanzaID = request;
    auto& result = said.peerDataOperationResult.emplace_back();
    result.has_placeholderMessageResendResponse = true;
    result.placeholderMessageResendResponse.webMessageInfoBytes = wire::proto::encode(info);
    return wire::proto::encode(*out);
  }
  void phone_says(const Bytes& content, PeerDevice& device, const wire::Jid& as) {
    greet(device, kUs);
    wire::Node stanza = message("P" + std::to_string(++peers_), as, device.seal(kUs, content));
    handle(stanza.set("category", "peer"));
  }
  void phone_says(const Bytes& content) { phone_says(content, phone(), jid("9911@lid")); }
  void confirm(const wire::Node& request, const std::string& error = {}) {
    wire::Node node("ack");
    handle(node.set("class", "message")
               .set("id", request.attr("id"))
               .set("from", "4911@s.whatsapp.net")
               .set("error", error));
  }
  void later(Millis span) {
    now.mono += span;
    now.wall += span;
    context->now = now;
    chat->wake();
    commit();
  }
  void restart() {
    chat.reset();
    context->effects.clear();
    service.sent.clear();
    start();
    commit();
  }

  std::vector<MessageEvent> waiting() const {
    auto found = effects<MessageEvent>();
    std::erase_if(found, [](const auto& event) { return event.unread == Unread::no; });
    return found;
  }
  std::int64_t rows(const std::string& table) {
    auto row = database->prepare("SELECT count(*) FROM " + table);
    return row.step() ? row.integer(0) : -1;
  }

  std::int64_t rows_that(const std::string& condition) { return rows("placeholder WHERE " + condition); }
  bool wrote_to_alice() const {
    const auto out = sent("message");
    return std::any_of(out.begin(), out.end(), [](const auto& node) { return node.is("id", "HELLO"); });
  }
  // As many first messages to strangers as may go at once.
  void use_up_the_pace() {
    context->pacing = PacingPolicy::strict;
    for (int i = 0; i < 2; ++i) {
      const std::string number = "4930" + std::to_string(100 + i);
      add_person(number, "88" + std::to_string(100 + i), {0});
      send(number + "@s.whatsapp.net", "hello", 1, "S" + std::to_string(i));
    }
  }

  int peers_ = 0;
};

TEST_F(PlaceholderTest, WhatHasNoContentIsToldOnceAndIsNoMessage) {
  handle(without_content("M1"));
  handle(without_content("M1"));
  ASSERT_EQ(waiting().size(), 1u);
  const auto event = waiting()[0];
  EXPECT_EQ(event.unread, Unread::no_content);
  EXPECT_EQ(event.id, "M1");
  EXPECT_EQ(event.chat.text(), "4922@s.whatsapp.net");
  EXPECT_EQ(event.push_name, "Alice");
  EXPECT_EQ(event.timestamp, 1700000001);
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(rows("message"), 0);
  EXPECT_EQ(last("ack").attr("class"), "message");
  EXPECT_FALSE(last("ack").has("error"));
}

TEST_F(PlaceholderTest, AStanzaThatHoldsNothingAtAllIsToldToo) {
  wire::Node bare("message");
  handle(bare.set("id", "M1").set("from", kAlice).set("t", "1700000001"));
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(PlaceholderTest, ItsContentIsTakenInItsPlaceWhenItComes) {
  greet(sender(), kUs);
  handle(without_content("M1"));
  handle(message("M1", kAlice, sender().seal(kUs, text("late"))));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "late");
  EXPECT_EQ(shown()[0].id, "M1");
  EXPECT_EQ(last("receipt").attr("id"), "M1");
  EXPECT_EQ(rows("placeholder"), 0);
  handle(without_content("M1"));
  EXPECT_EQ(waiting().size(), 1u) << "it is there by now";
}

TEST_F(PlaceholderTest, ItsContentIsTakenAfterARestart) {
  greet(sender(), kUs);
  handle(without_content("M1"));
  restart();
  handle(without_content("M1"));
  EXPECT_TRUE(waiting().empty()) << "it was told before";
  handle(message("M1", kAlice, sender().seal(kUs, text("late"))));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "late");
}

TEST_F(PlaceholderTest, ThePhoneIsAskedAtOnceWhereNobodyElseCanBe) {
  handle(without_content("M1"));
  ASSERT_EQ(requests().size(), 1u);
  const auto request = requests()[0];
  EXPECT_EQ(request.attr("to"), "4911@s.whatsapp.net");
  EXPECT_EQ(request.attr("push_priority"), "high");
  EXPECT_NE(request.child("device-identity"), nullptr) << "a pkmsg";
  const auto key = key_of(request);
  EXPECT_EQ(key.id, "M1");
  EXPECT_EQ(key.remoteJID, "9922@lid");
  EXPECT_FALSE(key.fromMe);
  EXPECT_TRUE(key.participant.empty()) << "of a direct chat";
}

TEST_F(PlaceholderTest, WhatThePhoneHasIsShownAsIfItHadComeByItself) {
  handle(without_content("M1"));
  confirm(requests().at(0));
  phone_says(answer("M1", "from the phone"));
  ASSERT_EQ(shown().size(), 1u);
  const auto event = shown()[0];
  EXPECT_EQ(event.body, "from the phone");
  EXPECT_EQ(event.id, "M1");
  EXPECT_EQ(event.chat.text(), "4922@s.whatsapp.net");
  EXPECT_EQ(event.sender.text(), "9922@lid");
  EXPECT_EQ(event.push_name, "Alice");
  EXPECT_EQ(event.timestamp, 1700000001);
  EXPECT_FALSE(event.from_me);
  EXPECT_EQ(rows("placeholder"), 0);
  // What comes afterwards is the same message.
  greet(sender(), kUs);
  handle(message("M1", kAlice, sender().seal(kUs, text("from the phone"))));
  phone_says(answer("M1", "from the phone"));
  EXPECT_EQ(shown().size(), 1u);
  EXPECT_EQ(rows("message"), 1);
}

TEST_F(PlaceholderTest, OnlyThePhoneIsListenedToAndOnlyForWhatIsAwaited) {
  handle(without_content("M1"));
  phone_says(answer("M1", "forged"), *own->devices[9], jid("9911:9@lid"));
  phone_says(answer("M2", "never asked for"));
  phone_says(answer("M1", "another chat's", "4933@s.whatsapp.net"));
  phone_says(answer("M1", "our own of that id", "4922@s.whatsapp.net", true));
  greet(sender(), kUs);
  handle(message("M3", kAlice, sender().seal(kUs, answer("M1", "a stranger's"))));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(rows("placeholder"), 1);
}

TEST_F(PlaceholderTest, APhoneThatHasItNotEitherIsNotAskedAgain) {
  handle(without_content("M1"));
  confirm(requests().at(0));
  phone_says(answer("M1", ""));
  handle(without_content("M1"));
  later(kHour);
  restart();
  later(kMinute);
  EXPECT_TRUE(shown().empty());
  EXPECT_TRUE(requests().empty());
}

TEST_F(PlaceholderTest, WhatThePhoneKeepsToItselfIsToldAndNotAskedFor) {
  wire::Node view_once("unavailable"), hosted("unavailable"), fanout("unavailable");
  handle(without_content("M1", view_once.set("type", "view_once")));
  handle(without_content("M2", hosted.set("hosted", "true")));
  handle(without_content("M3", fanout.set("type", "bot_unavailable_fanout")));
  later(kMinute);
  ASSERT_EQ(waiting().size(), 3u);
  EXPECT_EQ(waiting()[0].unread, Unread::view_once);
  EXPECT_EQ(waiting()[1].unread, Unread::no_content);
  EXPECT_EQ(waiting()[2].unread, Unread::no_content);
  EXPECT_TRUE(requests().empty());
}

TEST_F(PlaceholderTest, WhatIsOlderThanTwoWeeksIsNotAskedFor) {
  wire::Node stanza = without_content("M1");
  handle(stanza.set("t", std::uint64_t{1700000000 - 15 * 86400}));
  EXPECT_EQ(waiting().size(), 1u);
  EXPECT_TRUE(requests().empty());
}

TEST_F(PlaceholderTest, TheSenderOfWhatCantBeDecryptedIsAskedFirstAndThenThePhone) {
  handle(undecryptable("M1"));
  handle(undecryptable("M1"));
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_EQ(waiting()[0].unread, Unread::undecryptable);
  later(4900);
  EXPECT_TRUE(requests().empty());
  later(100);
  ASSERT_EQ(requests().size(), 1u);
  phone_says(answer("M1", "after all"));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "after all");
}

TEST_F(PlaceholderTest, ASenderThatAnswersInTimeSparesThePhone) {
  handle(undecryptable("M1"));
  greet(sender(), kUs);
  auto again = sender().seal(kUs, text("again"));
  handle(message("M1", kAlice, again.set("count", "1")));
  later(kMinute);
  EXPECT_TRUE(requests().empty());
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(rows("placeholder"), 0);
}

TEST_F(PlaceholderTest, WhatItsSenderHidesIsAskedForAndNotTold) {
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "msg").set("decrypt-fail", "hide").body(Bytes(60, 0x33));
  handle(message("M1", kAlice, enc));
  EXPECT_TRUE(waiting().empty());
  later(6 * kSecond);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(PlaceholderTest, APartOfAnUnknownKindIsHadFromThePhone) {
  wire::Node enc("enc");
  handle(message("M1", kAlice, enc.set("type", "hologram").set("v", "9").body(Bytes{1, 2, 3})));
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_EQ(waiting()[0].unread, Unread::undecryptable);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(PlaceholderTest, OurOwnMessageIsAskedForAsOurs) {
  wire::Node stanza = message("M1", jid("9911@lid"), wire::Node("unavailable"));
  handle(stanza.set("recipient", kAlice));
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_TRUE(waiting()[0].from_me);
  EXPECT_EQ(last("receipt").attr("type"), "sender") << "an ack does not end its delivery";
  EXPECT_TRUE(key_of(requests().at(0)).fromMe);
  phone_says(answer("M1", "mine", "4922@s.whatsapp.net", true, requests().at(0).attr("id")));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_TRUE(shown()[0].from_me);
  EXPECT_EQ(shown()[0].chat.text(), "9922@lid") << "whose number nobody has told";
}

TEST_F(PlaceholderTest, AMessageOfAGroupIsAskedForUnderItsAuthor) {
  wire::Node stanza("message");
  stanza.set("id", "G1").set("from", jid("123-4@g.us")).set("participant", jid("9922:5@lid"));
  handle(stanza.set("t", "1700000001").add(wire::Node("unavailable")));
  const auto key = key_of(requests().at(0));
  EXPECT_EQ(key.remoteJID, "123-4@g.us");
  EXPECT_EQ(key.participant, "9922@lid");
}

TEST_F(PlaceholderTest, ARequestCountsWhenTheServiceHasIt) {
  handle(without_content("M1"));
  ASSERT_EQ(requests().size(), 1u);
  restart();
  ASSERT_EQ(requests().size(), 1u) << "nobody said that the first one had arrived";
  confirm(requests()[0]);
  restart();
  EXPECT_TRUE(requests().empty());
}

TEST_F(PlaceholderTest, ARefusedRequestGoesToTheOtherAddressAndThenSeldom) {
  handle(without_content("M1"));
  confirm(requests().back(), "400");
  EXPECT_EQ(requests().size(), 1u) << "a service that refuses is not asked without a break";
  later(10 * kSecond);
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests().back().attr("to"), "9911@lid");
  for (int i = 0; i < 30; ++i) {
    confirm(requests().back(), "400");
    later(10 * kMinute);
  }
  EXPECT_EQ(requests().size(), 12u);
  // An account that was ill for an hour is asked for nothing that it would not get when it is well.
  for (int i = 0; i < 4; ++i) {
    later(6 * kHour);
    confirm(requests().back(), "400");
  }
  EXPECT_EQ(requests().size(), 16u);
  restart();
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(PlaceholderTest, ARequestThatIsNotAcknowledgedIsWrittenAgainOnTheSameLink) {
  handle(without_content("M1"));
  ASSERT_EQ(requests().size(), 1u);
  later(20 * kSecond);
  later(10 * kSecond);
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests().back().attr("to"), "9911@lid");
  confirm(requests().front());  // late, and of no row any more
  confirm(requests().back());
  for (int i = 0; i < 10; ++i) later(10 * kMinute);
  EXPECT_EQ(requests().size(), 2u);
  phone_says(answer("M1", "one"));
  EXPECT_EQ(shown().back().body, "one");
}

TEST_F(PlaceholderTest, ARequestThatThePhoneCantReadIsWrittenAgainAndThenInANewSession) {
  const auto unread = [&](const wire::Node& request) {
    wire::Node retry("retry"), receipt("receipt");
    retry.set("v", "1").set("count", "1").set("id", request.attr("id")).set("t", "1700000001");
    receipt.set("id", request.attr("id")).set("from", "4911@s.whatsapp.net").set("type", "retry");
    handle(receipt.add(retry));
  };
  phone_says(answer("M0", ""));  // of its session we know
  handle(without_content("M1"));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(requests().size(), i);
    EXPECT_EQ(requests().back().child("enc")->attr("type"), i < 3 ? "msg" : "pkmsg");
    confirm(requests().back());
    unread(requests().back());
    unread(requests().front());  // of a request that another one has followed
    later(kMinute);
  }
  ASSERT_EQ(requests().size(), 4u);
  EXPECT_EQ(key_of(requests().back()).id, "M1");
  confirm(requests().back());
  phone_says(answer("M1", "one"));
  unread(requests().back());
  later(kHour);
  EXPECT_EQ(requests().size(), 4u) << "it is there";
}

TEST_F(PlaceholderTest, NothingIsAskedBeforeTheBacklogIsIn) {
  chat->offline(fail(Cause::link_lost));
  chat->online(true);
  handle(without_content("M1"));
  later(kMinute);
  EXPECT_TRUE(requests().empty());
  chat->backlog_in();
  commit();
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(PlaceholderTest, AFloodIsAskedForInPortionsAndItsRowsHaveALimit) {
  for (int i = 0; i < 40; ++i) handle(without_content("M" + std::to_string(i)));
  EXPECT_EQ(requests().size(), 16u) << "which the phone has not answered yet";
  phone_says(answer("M0", "one"));
  EXPECT_EQ(requests().size(), 17u);
  for (int i = 40; i < 1300; ++i) handle(of_group("M" + std::to_string(i), member(i % 20)));
  for (int i = 0; i < 40; ++i) later(30 * kSecond);
  EXPECT_EQ(requests().size(), 240u) << "in an hour";
  EXPECT_LE(rows("placeholder"), 1100);
  later(kHour);
  EXPECT_GT(requests().size(), 240u);
}

TEST_F(PlaceholderTest, WhoFloodsDoesNotKeepOthersWaiting) {
  for (int i = 0; i < 200; ++i) handle(without_content("M" + std::to_string(i)));
  handle(of_group("G1", member(1)));
  for (int i = 0; i < 6; ++i) {
    for (const auto& request : requests()) confirm(request);
    later(30 * kSecond);
  }
  EXPECT_EQ(rows_that("stanza_id = 'G1' AND state >= 2"), 1);
  EXPECT_EQ(waiting().size(), 201u) << "all are told";
}

TEST_F(PlaceholderTest, WhatIsPushedOutLeavesItsPlaceToOthers) {
  service.hold = true;  // nothing can be asked for
  for (int i = 0; i < 80; ++i) handle(without_content("M" + std::to_string(i)));
  EXPECT_EQ(rows_that("state = 1"), 64);
  for (int i = 0; i < 1100; ++i) handle(without_content("V" + std::to_string(i), kept_by_the_phone()));
  EXPECT_EQ(rows_that("state = 1"), 0);
  handle(without_content("M80"));
  EXPECT_EQ(rows_that("state = 1"), 1);
}

TEST_F(PlaceholderTest, TheLimitHoldsWhateverRowsAnotherAccountHas) {
  store::SessionRow row;
  row.name = "another";
  const auto another = store::SessionTable(*database).create(row);
  store::Placeholders theirs(*database, another);
  store::PlaceholderRow one;
  one.stanza_id = "X";
  one.chat = one.sender = kAlice;
  for (int i = 0; i < 1300; ++i) {
    handle(without_content("V" + std::to_string(i), kept_by_the_phone()));
    theirs.insert(one);  // each even id
  }
  EXPECT_LE(rows_that("session_id = " + std::to_string(session)), 1064);
  EXPECT_EQ(rows_that("session_id = " + std::to_string(another)), 1300);
}

TEST_F(PlaceholderTest, TheLimitHoldsWithEachLogin) {
  store::Placeholders ours(*database, session);
  store::PlaceholderRow one;
  one.stanza_id = "X";
  one.chat = one.sender = kAlice;
  for (int i = 0; i < 1050; ++i) ours.insert(one);
  restart();
  EXPECT_EQ(rows("placeholder"), 1000);
}

TEST_F(PlaceholderTest, AnAckIsForTheRowThatItsRequestWasAbout) {
  greet(sender(), kUs);
  handle(without_content("M1"));
  handle(message("M1", kAlice, sender().seal(kUs, text("late"))));
  handle(without_content("M2"));
  ASSERT_EQ(requests().size(), 2u);
  confirm(requests()[0]);
  restart();
  EXPECT_EQ(requests().size(), 1u) << "nobody said that the second one had arrived";
}

TEST_F(PlaceholderTest, ARefusalOfAnEarlierRequestAsksForNothing) {
  greet(sender(), kUs);
  handle(without_content("M1"));
  handle(message("M1", kAlice, sender().seal(kUs, text("late"))));
  handle(without_content("M2"));
  confirm(requests().at(0), "400");
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(PlaceholderTest, ARequestThatCantBeEncryptedIsTriedAgain) {
  handle(without_content("M1"));
  ASSERT_EQ(requests().size(), 1u);
  ASSERT_EQ(rows("signal_session"), 1);
  const auto record = [this] {
    auto row = database->prepare("SELECT record FROM signal_session");
    return row.step() ? row.blob(0) : Bytes{};
  }();
  const auto replace = [this](const Bytes& by) {
    database->prepare("UPDATE signal_session SET record = ?").bind(by).run();
  };
  replace(Bytes{0xff});
  handle(without_content("M2"));
  later(kSecond);
  EXPECT_EQ(requests().size(), 1u);
  replace(record);
  later(kMinute);
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(key_of(requests()[1]).id, "M2");
}

TEST_F(PlaceholderTest, WhatIsIgnoredByNowIsNotAskedFor) {
  service.hold = true;
  handle(of_group("G1", member(1)));
  handle(without_content("M1"));
  context->ignored.groups = true;
  service.hold = false;
  service.release();
  commit();
  ASSERT_EQ(requests().size(), 1u);
  EXPECT_EQ(key_of(requests()[0]).id, "M1");
  EXPECT_EQ(rows_that("stanza_id = 'G1'"), 0);
}

TEST_F(PlaceholderTest, WhoWroteWhatCantBeReadIsAnsweredAtOnce) {
  use_up_the_pace();
  send("4922@s.whatsapp.net", "hello", 1, "HELLO");
  EXPECT_FALSE(wrote_to_alice());
  handle(of_group("G1", kAlice));
  EXPECT_FALSE(wrote_to_alice()) << "a group is no word to us";
  handle(without_content("M1"));
  EXPECT_TRUE(wrote_to_alice());
}

TEST_F(PlaceholderTest, WhatIsTooOldToBeAskedForIsAWordOfTheirsAllTheSame) {
  store::PlaceholderRow row;
  row.stanza_id = "M1";
  row.chat = row.sender = kAlice;
  row.state = store::PlaceholderRow::State::wanted;
  row.timestamp = row.added = 1700000000 - 30 * 86400;
  store::Placeholders(*database, session).insert(row);
  restart();
  EXPECT_TRUE(requests().empty());
  use_up_the_pace();
  send("4922@s.whatsapp.net", "hello", 1, "HELLO");
  EXPECT_TRUE(wrote_to_alice());
}

TEST_F(PlaceholderTest, AWithoutSessionPhoneIsAskedWhenItsKeysAreThere) {
  service.hold = true;
  handle(without_content("M1"));
  EXPECT_TRUE(requests().empty());
  service.hold = false;
  service.release();
  commit();
  EXPECT_EQ(requests().size(), 1u);
}

}  // namespace
}  // namespace pigeond::engine
