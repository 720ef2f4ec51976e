// Messages that wait: what for, until when, and how they are taken back.
#include "store/messages/outbox.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class ChatWaiting : public ChatTest {
 protected:
  void send_until(const std::string& id, Millis expires, const std::string& to = "4922@s.whatsapp.net") {
    Send request{1, jid(to), id, text_content("text"), {}, {}};
    request.expires = expires;
    chat->send(std::move(request));
    commit();
  }
  void lose_link() {
    service.lose_link();
    chat->offline(fail(Cause::link_lost));
  }
  void find_link() {
    service.is_online = true;
    chat->online();
    commit();
  }
  void pass(Millis time) {
    context->now.mono += time;
    context->now.wall += time;
    chat->wake();
    commit();
  }
  std::vector<std::string> written() const {
    std::vector<std::string> ids;
    for (const auto& node : sent("message")) ids.push_back(node.attr("id"));
    return ids;
  }
};

using Ids = std::vector<std::string>;

TEST_F(ChatWaiting, WhatWasNotSentInItsTimeEndsWithTheCauseAndItsAck) {
  lose_link();
  send_until("A", context->now.wall + 5000);
  send_until("B", 0);
  ASSERT_EQ(chat->next_wake(), context->now.mono + 5000);
  pass(5000);
  const auto done = effects<SendDone>();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].id, "A");
  EXPECT_EQ(done[0].ack.cause(), Cause::expired);
  ASSERT_EQ(effects<AckEvent>().size(), 1u);
  EXPECT_EQ(effects<AckEvent>()[0].ack, -1);
  find_link();
  EXPECT_EQ(written(), Ids{"B"});
}

TEST_F(ChatWaiting, WhatIsWrittenDoesNotExpire) {
  send_until("A", context->now.wall + 5000);
  lose_link();
  pass(6000);
  EXPECT_TRUE(effects<SendDone>().empty()) << "it may have arrived";
  find_link();
  EXPECT_EQ(written(), (Ids{"A", "A"}));
  ack("A");
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_TRUE(effects<SendDone>()[0].ack.ok());
}

TEST_F(ChatWaiting, WhatExpiredWhileTheProgramWasDownIsNotSent) {
  lose_link();
  send_until("A", context->now.wall + 5000);
  send_until("B", context->now.wall + 5000);
  chat.reset();
  context->now.wall += 10000;
  service.is_online = true;
  start();
  commit();
  EXPECT_TRUE(written().empty());
  EXPECT_EQ(effects<SendDone>().size(), 2u);
}

TEST_F(ChatWaiting, ACancelledMessageIsNotSentAndThoseBehindItGoOn) {
  service.hold = true;
  send_until("A", 0);
  send_until("B", 0);
  EXPECT_EQ(chat->standing("A")->waiting, Waiting::number);
  EXPECT_EQ(chat->standing("B")->waiting, Waiting::order);
  EXPECT_TRUE(chat->cancel("A").ok());
  commit();
  ASSERT_EQ(effects<SendDone>().size(), 1u);
  EXPECT_EQ(effects<SendDone>()[0].ack.cause(), Cause::cancelled);
  for (int i = 0; i < 6; ++i) service.release();
  commit();
  EXPECT_EQ(written(), Ids{"B"});
}

TEST_F(ChatWaiting, WhatMayHaveLeftCanNotBeCancelled) {
  send_until("A", 0);
  EXPECT_EQ(chat->standing("A")->waiting, Waiting::ack);
  EXPECT_EQ(chat->cancel("A").cause(), Cause::too_late);
  lose_link();
  EXPECT_EQ(chat->cancel("A").cause(), Cause::too_late);
  chat.reset();
  start();
  EXPECT_EQ(chat->cancel("A").cause(), Cause::too_late) << "after a restart, too";
  ack("A");
  EXPECT_EQ(chat->cancel("A").cause(), Cause::too_late);
  EXPECT_EQ(chat->cancel("NOBODYS").cause(), Cause::not_found);
  EXPECT_FALSE(chat->standing("A"));
}

TEST_F(ChatWaiting, ANumberThatIsNotOnWhatsAppIsAskedForOnce) {
  send_until("A", 0, "4999@s.whatsapp.net");
  const std::size_t asked = service.queries.size();
  send_until("B", 0, "4999@s.whatsapp.net");
  EXPECT_EQ(service.queries.size(), asked);
  ASSERT_EQ(effects<SendDone>().size(), 2u);
  EXPECT_EQ(effects<SendDone>()[1].ack.cause(), Cause::not_on_whatsapp);
  pass(2 * kHour);
  send_until("C", 0, "4999@s.whatsapp.net");
  EXPECT_GT(service.queries.size(), asked);
}

class ChatPacing : public ChatWaiting {
 protected:
  ChatPacing() {
    context->pacing = PacingPolicy::strict;  // two at once
    for (int i = 0; i < 60; ++i) add_person(number(i), "88" + std::to_string(100 + i), {0});
  }
  static std::string number(int i) { return "4930" + std::to_string(100 + i); }
  void greet_stranger(int i) { send_until("S" + std::to_string(i), 0, number(i) + "@s.whatsapp.net"); }
};

TEST_F(ChatPacing, FirstMessagesLeaveAtOnceUpToTheBurstAndThenOneAfterTheOther) {
  for (int i = 0; i < 4; ++i) greet_stranger(i);
  EXPECT_EQ(written(), (Ids{"S0", "S1"}));
  const auto standing = chat->standing("S2");
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->waiting, Waiting::pace);
  EXPECT_GT(standing->until, context->now.wall);
  EXPECT_GT(chat->standing("S3")->until, standing->until);
  // All at once they are told the same as one by one.
  const auto all = chat->standings();
  for (const auto& row : store::Outbox(*database, session).all()) {
    const auto one = *chat->standing(row.id);
    EXPECT_EQ(all.at(row.seq).waiting, one.waiting) << row.id;
    EXPECT_EQ(all.at(row.seq).until, one.until) << row.id;
  }
  EXPECT_EQ(all.size(), chat->waiting());
  EXPECT_TRUE(effects<SendDone>().empty());
  ack("S0");
  ack("S1");
  ASSERT_EQ(chat->next_wake(), context->now.mono + (standing->until - context->now.wall));
  pass(standing->until - context->now.wall);
  EXPECT_EQ(written(), (Ids{"S0", "S1", "S2"}));
  ack("S2");
  pass(chat->standing("S3")->until - context->now.wall);
  EXPECT_EQ(written(), (Ids{"S0", "S1", "S2", "S3"}));
}

TEST_F(ChatPacing, RepliesAndKnownChatsAreNeverHeldBack) {
  greet(*alice->devices[0], jid("9911:7@lid"));
  handle(message("X", jid("9922@lid"), alice->devices[0]->seal(jid("9911:7@lid"), text("hello"))));
  for (int i = 0; i < 3; ++i) greet_stranger(i);
  send_until("REPLY", 0);
  EXPECT_EQ(written(), (Ids{"S0", "S1", "REPLY"}));
  ack("S0");
  send_until("MORE", 0, number(0) + "@s.whatsapp.net");
  EXPECT_EQ(written().back(), "MORE");
  send_until("SELF", 0, "4911@s.whatsapp.net");
  EXPECT_EQ(written().back(), "SELF");
}

TEST_F(ChatPacing, WhoeverWritesMeanwhileGetsTheMessageAtOnce) {
  for (int i = 0; i < 2; ++i) greet_stranger(i);
  send_until("HELD", 0);
  EXPECT_EQ(chat->standing("HELD")->waiting, Waiting::pace);
  greet(*alice->devices[0], jid("9911:7@lid"));
  handle(message("X", jid("9922@lid"), alice->devices[0]->seal(jid("9911:7@lid"), text("hello"))));
  EXPECT_EQ(written().back(), "HELD");
}

TEST_F(ChatPacing, ARestartDoesNotOpenTheTap) {
  for (int i = 0; i < 4; ++i) greet_stranger(i);
  service.lose_link();
  chat.reset();
  service.is_online = true;
  service.sent.clear();
  start();
  commit();
  EXPECT_EQ(written(), (Ids{"S0", "S1"})) << "which were not acknowledged";
  EXPECT_EQ(chat->standing("S2")->waiting, Waiting::pace);
}

TEST_F(ChatPacing, AClockThatWasAheadHoldsNobodyBackForLonger) {
  context->now.wall += 17 * kDay;
  for (int i = 0; i < 3; ++i) greet_stranger(i);
  EXPECT_EQ(written(), (Ids{"S0", "S1"}));
  context->now.wall -= 17 * kDay;
  greet_stranger(3);
  std::size_t acknowledged = 0;
  for (int minute = 0; minute < 30; ++minute) {
    for (const auto ids = written(); acknowledged < ids.size(); ++acknowledged) ack(ids[acknowledged]);
    pass(kMinute);
  }
  EXPECT_EQ(written(), (Ids{"S0", "S1", "S2", "S3"}));
}

TEST_F(ChatPacing, TheDayHasACap) {
  for (int i = 0; i < 50; ++i) greet_stranger(i);
  std::size_t acknowledged = 0;
  for (int minute = 0; minute < 12 * 60; ++minute) {
    for (const auto ids = written(); acknowledged < ids.size(); ++acknowledged) ack(ids[acknowledged]);
    pass(kMinute);
  }
  EXPECT_EQ(written().size(), 40u);
  EXPECT_GT(chat->standing("S40")->until, context->now.wall + 10 * kHour);
  pass(13 * kHour);
  ASSERT_GT(written().size(), 40u);
  EXPECT_EQ(written()[40], "S40");
}

TEST_F(ChatPacing, WithoutAPaceNothingIsHeld) {
  context->pacing = PacingPolicy::off;
  for (int i = 0; i < 5; ++i) greet_stranger(i);
  EXPECT_EQ(written().size(), 5u);
}

}  // namespace
}  // namespace pigeond::engine
