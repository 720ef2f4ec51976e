// What waited at the service: asked for in batches, answered, and in before anything goes out.
#include "engine/link/backlog.h"

#include <gtest/gtest.h>

#include "engine/messages/kinds/text.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

class BacklogTest : public ::testing::Test {
 protected:
  BacklogTest() { world.sends_backlog_end = false; }

  std::size_t asked() {
    std::size_t count = 0;
    while (world.take([](const wire::Node& node) { return node.path({"offline_batch"}) != nullptr; }))
      ++count;
    return count;
  }
  void stanza(int number) {
    wire::Node note("notification");
    note.set("id", "n" + std::to_string(number)).set("from", wire::service()).set("type", "psa");
    world.send(note.set("offline", std::to_string(number)));
  }
  void reach_online() {
    world.reach_online();
    if (const auto iq = world.take_iq("encrypt", "digest")) world.refuse(*iq, 503);
  }
  void submit(const std::string& id) {
    Send send;
    send.to = wire::pn("491111111");
    send.id = id;
    send.content = text_content("hello");
    world.tick([&] { world.engine->send(world.now, std::move(send)); });
  }
  bool works_on_it() { return world.take_iq("usync").has_value(); }

  World world;
};

TEST_F(BacklogTest, IsAskedForBatchByBatchUntilItsEnd) {
  reach_online();
  EXPECT_EQ(asked(), 0u);
  world.announce_backlog(400);
  const auto request =
      world.take([](const wire::Node& node) { return node.tag == "ib" && node.child("offline_batch"); });
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->child("offline_batch")->is("count", "200"));
  for (int i = 0; i < 5; ++i) stanza(i);
  EXPECT_EQ(asked(), 0u) << "not before 100 ms have passed";
  world.advance(100);
  EXPECT_EQ(asked(), 1u);
  world.advance(kSecond);
  EXPECT_EQ(asked(), 0u) << "nothing of that batch has come";
  stanza(5);
  world.advance(100);
  EXPECT_EQ(asked(), 1u);
  world.end_backlog(400);
  stanza(6);
  world.advance(kSecond);
  EXPECT_EQ(asked(), 0u);
}

TEST_F(BacklogTest, IsNotAskedForOnceAllThatWasAnnouncedIsThere) {
  reach_online();
  world.announce_backlog(2);
  EXPECT_EQ(asked(), 1u);
  stanza(0);
  stanza(1);
  world.advance(kSecond);
  EXPECT_EQ(asked(), 0u);
}

TEST_F(BacklogTest, AnEmptyOneIsNotAskedFor) {
  reach_online();
  world.announce_backlog(0);
  EXPECT_EQ(asked(), 0u);
}

TEST_F(BacklogTest, IsGivenUpAfterAMinuteOfSilenceAndBeginsAnewWithTheNextLink) {
  reach_online();
  world.announce_backlog(400);
  stanza(0);
  world.advance(100);
  world.advance(59 * kSecond);
  EXPECT_EQ(asked(), 2u);
  stanza(1);
  world.advance(100);
  EXPECT_EQ(asked(), 1u);
  world.advance(61 * kSecond);
  stanza(2);
  world.advance(kSecond);
  EXPECT_EQ(asked(), 0u);
  world.drop();
  world.advance(2 * kSecond);
  world.log_in(812);
  world.announce_backlog(400);
  EXPECT_EQ(asked(), 1u);
}

TEST_F(BacklogTest, NothingGoesOutBeforeItIsIn) {
  reach_online();
  submit("m1");
  EXPECT_FALSE(works_on_it());
  EXPECT_EQ(world.engine->standing("m1")->waiting, Waiting::backlog);
  world.announce_backlog(1);
  stanza(0);
  EXPECT_FALSE(works_on_it());
  world.end_backlog(1);
  EXPECT_TRUE(works_on_it());
}

TEST_F(BacklogTest, WhatIsToBeSentWaitsForItNotLongerThanFifteenSeconds) {
  reach_online();
  submit("m1");
  world.announce_backlog(400);
  world.advance(14 * kSecond);
  EXPECT_FALSE(works_on_it());
  world.advance(kSecond);
  EXPECT_TRUE(works_on_it());
}

TEST_F(BacklogTest, OneThatWasInBeforeTheAccountIsActiveHoldsNothingBack) {
  world.pair();
  world.restart_stream();
  world.accept();
  world.send_success();
  world.end_backlog(0);
  world.answer_count(812);
  world.answer_active();
  submit("m1");
  EXPECT_TRUE(works_on_it());
}

class AnswersTest : public BacklogTest {
 protected:
  std::optional<wire::Node> answer_to(const std::string& id) {
    return world.take([&](const wire::Node& node) { return node.tag == "ack" && node.is("id", id); });
  }
};

TEST_F(AnswersTest, AStanzaOfAnUnknownKindIsRefusedAndNotLeftUnanswered) {
  reach_online();
  wire::Node strange("hologram");
  strange.set("id", "h1").set("from", wire::pn("491111111", 3)).set("participant", wire::pn("492222222"));
  world.send(strange.set("type", "new").set("offline", "0"));
  const auto nack = answer_to("h1");
  ASSERT_TRUE(nack);
  EXPECT_TRUE(nack->is("class", "hologram"));
  EXPECT_TRUE(nack->is("error", "488"));
  EXPECT_EQ(nack->jid("to"), wire::pn("491111111", 3));
  EXPECT_EQ(nack->jid("from"), world.engine->credentials().pn);
  EXPECT_EQ(nack->jid("participant"), wire::pn("492222222"));
  EXPECT_TRUE(nack->is("type", "new"));
}

TEST_F(AnswersTest, WhatBelongsToTheStreamOrHasNoSenderIsNotRefused) {
  reach_online();
  world.send(wire::Node("hologram").set("id", "h1"));
  world.send(wire::Node("hologram").set("from", wire::service()));
  for (const char* tag : {"presence", "chatstate", "ib", "ack", "iq"}) {
    wire::Node node(tag);
    world.send(node.set("id", "h1").set("from", wire::service()));
  }
  EXPECT_FALSE(answer_to("h1"));
}

TEST_F(AnswersTest, WhatCantBeReadIsRefusedByItsHead) {
  reach_online();
  wire::Node message("message");
  message.set("id", "x1").set("from", wire::pn("491111111", 3));
  Bytes bytes = wire::encode(message.body(Bytes{1, 2, 3}));
  bytes.resize(bytes.size() - 2);
  world.link->send_plain(bytes);
  world.deliver();
  const auto nack = answer_to("x1");
  ASSERT_TRUE(nack);
  EXPECT_TRUE(nack->is("error", "487"));
  EXPECT_EQ(world.engine->state(), State::online);
}

// The service names the stanza, and delivers it again.
TEST_F(AnswersTest, WhatTheServiceEndsTheStreamOverIsAnsweredOnceMoreWhenItComes) {
  reach_online();
  wire::Node message("message");
  message.set("id", "o1").set("from", wire::pn("491111111", 3)).set("t", "1750000000");
  message.add(wire::Node("enc").set("type", "msg").set("v", "2").body(Bytes(40, 7)));
  wire::Node error("stream:error");
  world.send(error.add(wire::Node("ack").set("class", "message").set("id", "o1")));
  EXPECT_NE(world.states.back().cause->detail.find("message o1"), std::string::npos);
  world.advance(2 * kSecond);
  world.log_in(812);
  world.send(message);
  std::size_t acks = 0;
  while (answer_to("o1")) ++acks;
  EXPECT_EQ(acks, 2u) << "that of an unreadable message, and the one that was asked for";
  world.send(message);
  acks = 0;
  while (answer_to("o1")) ++acks;
  EXPECT_EQ(acks, 1u);
}

}  // namespace
}  // namespace pigeond::engine
