// What devices that could not read a message of ours ask for: served before it is acknowledged, also for
// those that were linked since.
#include <algorithm>

#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const wire::Jid kUs = jid("9911:7@lid"), kNew = jid("9922:8@lid");

class RetryInTest : public ChatTest {
 protected:
  wire::Node asks_again(const wire::Jid& from, std::uint64_t count = 1) {
    wire::Node receipt("receipt"), retry("retry"), registration("registration");
    receipt.set("id", "MYID").set("from", from).set("type", "retry").set("t", "1700000100");
    registration.body(registration_bytes(service.device(from)->store().registration_id()));
    return receipt.add(retry.set("count", count).set("id", "MYID").set("v", "1"))
        .add(std::move(registration));
  }
  void say_hello() {
    send("9922@lid", "hello", 1, "MYID");
    ack("MYID");
    service.sent.clear();
    service.queries.clear();
  }
  // Linked when the message had been sent, and nobody said so.
  void link_device() {
    alice->devices[8] = std::make_unique<PeerDevice>(jid("4922:8@s.whatsapp.net"), kNew, 800);
  }
  // The session is another one by now: keys are fetched first.
  void replace_device() {
    alice->devices[5] = std::make_unique<PeerDevice>(jid("4922:5@s.whatsapp.net"), jid("9922:5@lid"), 500);
  }
  std::size_t looked_up() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(service.queries, [](const auto& query) { return query.is("xmlns", "usync"); }));
  }
  std::string text_for(const wire::Jid& device) {
    const auto opened = service.device(device)->open(*last("message").child("enc"), kUs);
    return opened ? wire::proto::decode<wa_Message>(*opened)->conversation : std::string("unreadable");
  }
};

TEST_F(RetryInTest, TheReceiptIsAcknowledgedAfterItWasServed) {
  say_hello();
  replace_device();
  service.hold = true;
  handle(asks_again(jid("9922:5@lid")));
  EXPECT_TRUE(sent("ack").empty()) << "the keys are not here yet";
  service.hold = false;
  service.release();
  commit();
  ASSERT_EQ(service.sent.size(), 2u);
  EXPECT_EQ(service.sent[0].tag, "message");
  EXPECT_EQ(service.sent[1].tag, "ack");
  EXPECT_EQ(service.sent[1].attr("type"), "retry");
  EXPECT_EQ(service.sent[1].attr("to"), "9922:5@lid");
  EXPECT_EQ(text_for(jid("9922:5@lid")), "hello");
}

TEST_F(RetryInTest, WhatALostLinkHasCutOffIsServedWhenItComesAgain) {
  say_hello();
  replace_device();
  for (int i = 0; i < 7; ++i) {
    service.hold = true;
    handle(asks_again(jid("9922:5@lid")));
    service.lose_link();
    chat->offline(fail(Cause::link_lost));
    service.is_online = true;
    service.hold = false;
    chat->online();
    commit();
  }
  EXPECT_TRUE(sent("ack").empty()) << "the service delivers it again";
  EXPECT_TRUE(sent("message").empty());
  handle(asks_again(jid("9922:5@lid")));
  EXPECT_EQ(sent("ack").size(), 1u);
  EXPECT_EQ(text_for(jid("9922:5@lid")), "hello");
}

TEST_F(RetryInTest, AServiceThatSaysNothingIsNotAskedForEver) {
  say_hello();
  replace_device();
  service.hold = true;
  for (int i = 0; i < 8; ++i) {
    handle(asks_again(jid("9922:5@lid")));
    for (auto& [iq, callback] : std::exchange(service.held, {})) callback(fail(Cause::timed_out));
    commit();
  }
  EXPECT_TRUE(sent("message").empty());
  EXPECT_EQ(sent("ack").size(), 3u) << "after five";
}

TEST_F(RetryInTest, TheSameQuestionAskedMeanwhileIsAnsweredOnce) {
  say_hello();
  replace_device();
  service.hold = true;
  for (int i = 0; i < 3; ++i) handle(asks_again(jid("9922:5@lid")));
  service.hold = false;
  service.release();
  commit();
  EXPECT_EQ(sent("message").size(), 1u);
  EXPECT_EQ(sent("ack").size(), 3u);
}

TEST_F(RetryInTest, ADeviceThatNobodyAnnouncedIsLookedUpAndServed) {
  say_hello();
  link_device();
  alice->listed_devices.push_back(8);
  wire::Node request = asks_again(kNew);
  handle(request.add(service.device(kNew)->keys()));
  EXPECT_EQ(looked_up(), 1u);
  EXPECT_EQ(last("message").attr("to"), kNew.text());
  EXPECT_EQ(last("message").attr("id"), "MYID");
  EXPECT_EQ(text_for(kNew), "hello");
  EXPECT_EQ(sent("ack").size(), 1u);
  send("9922@lid", "to all", 2, "NEXT");
  EXPECT_TRUE(copies(last("message")).contains(kNew.text())) << "it is on the list from now on";
}

TEST_F(RetryInTest, WhatANewDeviceAsksForWhileItIsLookedUpIsServedToo) {
  say_hello();
  send("9922@lid", "hello again", 2, "OTHER");
  ack("OTHER");
  service.sent.clear();
  link_device();
  alice->listed_devices.push_back(8);
  service.hold = true;
  for (const char* id : {"MYID", "OTHER"}) {
    wire::Node request = asks_again(kNew);
    handle(request.set("id", id).add(service.device(kNew)->keys()));
  }
  EXPECT_TRUE(sent("ack").empty());
  service.hold = false;
  service.release();
  commit();
  EXPECT_EQ(looked_up(), 1u);
  EXPECT_EQ(sent("message").size(), 2u);
  EXPECT_EQ(sent("ack").size(), 2u);
}

TEST_F(RetryInTest, WhomTheServiceDoesNotListGetsNothingAndIsNotLookedUpOverAndOver) {
  say_hello();
  link_device();
  for (int i = 0; i < 5; ++i) {
    wire::Node request = asks_again(kNew);
    handle(request.add(service.device(kNew)->keys()));
  }
  EXPECT_EQ(looked_up(), 1u);
  EXPECT_TRUE(sent("message").empty());
  EXPECT_EQ(sent("ack").size(), 5u);
  now.mono += kMinute;
  context->now = now;
  alice->listed_devices.push_back(8);
  handle(asks_again(kNew));
  EXPECT_EQ(looked_up(), 2u);
  EXPECT_EQ(sent("message").size(), 1u);
}

TEST_F(RetryInTest, NobodyIsLookedUpToWhomTheMessageDidNotGo) {
  add_person("4933", "9933", {0});
  say_hello();
  handle(asks_again(jid("9933@lid")));
  EXPECT_EQ(looked_up(), 0u);
  EXPECT_TRUE(sent("message").empty());
  EXPECT_EQ(sent("ack").size(), 1u);
}

}  // namespace
}  // namespace pigeond::engine
