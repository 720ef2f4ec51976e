// The parts that only keep times, ids and attributes.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/random.h"
#include "engine/link/acks.h"
#include "engine/link/iq.h"
#include "engine/link/keepalive.h"
#include "engine/link/reconnect.h"

namespace pigeond::engine {
namespace {

TEST(Backoff, FollowsFibonacciUpToItsCapWithATenthOfChance) {
  SeededRandom random(3);
  Backoff backoff;
  const Millis expected[] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 900, 900, 900};
  for (const Millis seconds : expected) {
    const Millis delay = backoff.next(random);
    EXPECT_GE(delay, seconds * 900);
    EXPECT_LE(delay, seconds * 1100);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(random), 1100);
}

TEST(Backoff, CountsAPenaltyAsFailures) {
  SeededRandom random(3);
  Backoff backoff;
  backoff.penalize(5);
  EXPECT_GE(backoff.next(random), 7200);
  for (int i = 0; i < 1000; ++i) backoff.penalize(5);
  EXPECT_LE(backoff.next(random), 990 * kSecond);
}

TEST(Keepalive, PingsOnlyIntoSilence) {
  SeededRandom random(3);
  Keepalive keepalive;
  keepalive.start(0, random);
  for (Millis t = 0; t < kHour; t += 15 * kSecond) {
    keepalive.received(t);
    EXPECT_EQ(keepalive.wake(t + 14 * kSecond, random), Keepalive::Action::none);
  }
}

TEST(Keepalive, AnyByteAfterThePingIsASignOfLife) {
  SeededRandom random(3);
  Keepalive keepalive;
  keepalive.start(0, random);
  const Millis ping = *keepalive.next_wake();
  EXPECT_GE(ping, 20 * kSecond);
  EXPECT_LE(ping, 30 * kSecond);
  EXPECT_EQ(keepalive.wake(ping - 1, random), Keepalive::Action::none);
  EXPECT_EQ(keepalive.wake(ping, random), Keepalive::Action::ping);
  EXPECT_EQ(*keepalive.next_wake(), ping + 20 * kSecond);
  keepalive.received(ping + 19 * kSecond);
  EXPECT_EQ(keepalive.wake(ping + 20 * kSecond, random), Keepalive::Action::none);
  EXPECT_GE(*keepalive.next_wake(), ping + 39 * kSecond);
}

TEST(Keepalive, GivesTheLinkUpWhenNothingCame) {
  SeededRandom random(3);
  Keepalive keepalive;
  keepalive.start(0, random);
  const Millis ping = *keepalive.next_wake();
  ASSERT_EQ(keepalive.wake(ping, random), Keepalive::Action::ping);
  EXPECT_EQ(keepalive.wake(ping + 20 * kSecond - 1, random), Keepalive::Action::none);
  EXPECT_EQ(keepalive.wake(ping + 20 * kSecond, random), Keepalive::Action::dead);
}

TEST(Keepalive, AsksBeforeItGivesUpAfterALongSleepAndIsSoonerSure) {
  SeededRandom random(3);
  Keepalive keepalive;
  keepalive.start(0, random);
  EXPECT_EQ(keepalive.wake(kDay, random), Keepalive::Action::ping);
  EXPECT_EQ(*keepalive.next_wake(), kDay + 5 * kSecond);
  EXPECT_EQ(keepalive.wake(kDay + 5 * kSecond, random), Keepalive::Action::dead);
}

TEST(Keepalive, WakesAnIdleMachineLessThanOnceInTenSeconds) {
  SeededRandom random(3);
  Keepalive keepalive;
  keepalive.start(0, random);
  int wakes = 0;
  for (Millis now = 0; now < kHour; now = *keepalive.next_wake()) {
    ++wakes;
    // The answer comes at once: its timer is not waited for.
    if (keepalive.wake(now, random) == Keepalive::Action::ping) keepalive.received(now + 50);
  }
  EXPECT_LT(wakes, 3600 / 20 + 1);
}

wire::Node result(const char* id) {
  wire::Node iq("iq");
  iq.set("type", "result").set("id", id);
  return iq;
}

TEST(PendingIqs, CallsBackOnceWithTheAnswer) {
  PendingIqs iqs;
  int calls = 0;
  ASSERT_TRUE(iqs.add("a", 0, [&](Result<wire::Node> answer) { calls += answer.ok() ? 1 : 100; }));
  EXPECT_FALSE(iqs.answer(result("b")));
  EXPECT_TRUE(iqs.answer(result("a")));
  EXPECT_FALSE(iqs.answer(result("a")));
  iqs.fail_all(fail(Cause::link_lost));
  EXPECT_EQ(calls, 1);
}

TEST(PendingIqs, TellsTheServersError) {
  PendingIqs iqs;
  std::optional<Error> error;
  ASSERT_TRUE(iqs.add("a", 0, [&](Result<wire::Node> answer) { error = answer.error(); }));
  wire::Node iq("iq");
  iq.set("type", "error").set("id", "a");
  iq.add(wire::Node("error").set("code", "429").set("text", "rate-overlimit"));
  EXPECT_TRUE(iqs.answer(std::move(iq)));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, Cause::ack_error);
  EXPECT_EQ(error->code, 429);
  EXPECT_EQ(error->detail, "rate-overlimit");
}

TEST(PendingIqs, TimesOutAfter75Seconds) {
  PendingIqs iqs;
  std::optional<Cause> cause;
  ASSERT_TRUE(iqs.add("a", 1000, [&](Result<wire::Node> answer) { cause = answer.cause(); }));
  EXPECT_EQ(iqs.next_wake(), 76 * kSecond);
  iqs.expire(76 * kSecond - 1);
  EXPECT_FALSE(cause);
  iqs.expire(76 * kSecond);
  EXPECT_EQ(cause, Cause::timed_out);
  EXPECT_FALSE(iqs.next_wake());
}

TEST(PendingIqs, LetsACallbackAskTheNextQuestion) {
  PendingIqs iqs;
  const auto ask = [&](Result<wire::Node>) { ASSERT_TRUE(iqs.add("next", 100 * kSecond, nullptr)); };
  ASSERT_TRUE(iqs.add("a", 0, ask));
  ASSERT_TRUE(iqs.add("b", 0, ask));
  iqs.expire(80 * kSecond);
  EXPECT_EQ(iqs.size(), 1u);
}

TEST(PendingIqs, HasABound) {
  PendingIqs iqs;
  for (std::size_t i = 0; i < limits::kPendingIqs; ++i) ASSERT_TRUE(iqs.add(std::to_string(i), 0, nullptr));
  EXPECT_FALSE(iqs.add("one more", 0, nullptr));
}

TEST(Acks, CopyWhatTheStanzaSays) {
  wire::Node message("message");
  message.set("id", "M1").set("from", wire::Jid{"1-2", "g.us", 0, 0}).set("participant", wire::lid("5", 2));
  message.set("recipient", wire::pn("7")).set("type", "text");
  const auto ack = ack_for(message, 487);
  EXPECT_EQ(ack.tag, "ack");
  EXPECT_TRUE(ack.is("class", "message"));
  EXPECT_TRUE(ack.is("id", "M1"));
  EXPECT_EQ(ack.jid("to"), (wire::Jid{"1-2", "g.us", 0, 0}));
  EXPECT_EQ(ack.jid("participant"), wire::lid("5", 2));
  EXPECT_EQ(ack.jid("recipient"), wire::pn("7"));
  EXPECT_FALSE(ack.has("type"));
  EXPECT_TRUE(ack.is("error", "487"));
}

TEST(Acks, NameTheTypeOfEverythingButMessagesAndIdentityChanges) {
  wire::Node receipt("receipt");
  receipt.set("id", "R1").set("from", wire::pn("5")).set("participant", wire::pn("5")).set("type", "read");
  EXPECT_TRUE(ack_for(receipt).is("type", "read"));
  EXPECT_FALSE(ack_for(receipt).has("participant"));
  EXPECT_FALSE(ack_for(receipt).has("error"));
  wire::Node notification("notification");
  notification.set("id", "N1").set("from", wire::pn("5")).set("type", "encrypt");
  EXPECT_TRUE(ack_for(notification).is("type", "encrypt"));
  notification.add(wire::Node("identity"));
  EXPECT_FALSE(ack_for(notification).has("type"));
}

TEST(Acks, AreOwedToWhatHasAnIdAndASender) {
  wire::Node call("call");
  EXPECT_FALSE(needs_ack(call));
  call.set("id", "1").set("from", wire::pn("5"));
  EXPECT_TRUE(needs_ack(call));
  wire::Node presence("presence");
  presence.set("id", "1").set("from", wire::pn("5"));
  EXPECT_FALSE(needs_ack(presence));
}

}  // namespace
}  // namespace pigeond::engine
