// URLs that were configured once: their dead letters can go elsewhere, and nothing of them stays for ever.
#include "base/limits.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

class FormerWebhook : public WebhookWorld {
 protected:
  static constexpr const char* kOther = "http://right/hook";
  // Three events for a URL that is then replaced by another.
  void move() {
    configure([](WebhookConfig& webhook) { webhook.retries = retries(0); });
    for (int i = 0; i < 3; ++i) add("1", i);
    tick();
    while (!sender->open.empty()) sender->answer(0, fail(Cause::resolve, "no such name"));
    pass(2 * kSecond);  // it is noted
    configure({}, kOther);
    tick();
  }
  std::int64_t queues() { return rows("SELECT count(*) FROM webhook_queue"); }
};

TEST_F(FormerWebhook, ADeadLetterGoesToTheRightUrl) {
  move();
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_EQ(webhooks->replay(session, dead[2].id).cause(), Cause::bad_input);
  const auto nowhere = webhooks->replay(session, dead[2].id, "http://nowhere/");
  EXPECT_EQ(nowhere.error().field, Field::target_webhook);
  EXPECT_EQ(nowhere.error().detail, "the session has no webhook http://nowhere/");
  const auto moved = webhooks->replay(session, dead[2].id, kOther);
  ASSERT_TRUE(moved) << moved.error().detail;
  tick();
  ASSERT_EQ(sender->bodies(), std::vector<std::string>{"1:2"});
  EXPECT_EQ(sender->open[0].request.url, kOther);
  EXPECT_EQ(sender->header(0, "Mark-Id"), "evt_1:2-" + std::to_string(dead[2].id));
  EXPECT_EQ(webhooks->delivery(session, *moved)->replay_of, dead[2].id);
  EXPECT_EQ(log(DeliveryState::dead).size(), 2U);
}

TEST_F(FormerWebhook, ARangeOfDeadLettersGoesToTheRightUrlInOrder) {
  move();
  ReplayRange range;
  range.url = kUrl;
  EXPECT_EQ(webhooks->replay(session, range).cause(), Cause::bad_input);
  range.to_url = kOther;
  ASSERT_EQ(webhooks->replay(session, range)->count, 3);
  tick();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(sender->bodies(), std::vector<std::string>{"1:" + std::to_string(i)});
    sender->answer(0, 200);
  }
}

TEST_F(FormerWebhook, IdsOfWhatMovedAwayAreNotGivenAgain) {
  move();
  const auto dead = log(DeliveryState::dead);
  ASSERT_TRUE(webhooks->replay(session, dead[2].id, kOther));
  tick();
  sender->answer(0, 200);
  pass(2 * kSecond);
  restart();
  configure();
  add("1", 9);
  tick();
  const auto pending = log(DeliveryState::pending);
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_GT(pending[0].id, dead[2].id);
}

TEST_F(FormerWebhook, WhatIsPendingWhenItsUrlGoesIsADeadLetterOnceNothingIsUnderWay) {
  for (int i = 0; i < 2; ++i) add("1", i);
  tick();
  configure({}, kOther);
  pass(kSecond);
  EXPECT_TRUE(log(DeliveryState::dead).empty()) << "the first may be taken yet";
  sender->answer(0, 200);
  pass(kSecond);
  pass(kSecond);
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].why, "webhook removed");
  EXPECT_EQ(log(DeliveryState::delivered).size(), 1U);
  EXPECT_TRUE(sender->open.empty());
}

TEST_F(FormerWebhook, ItsQueueGoesWhenNothingIsLeftInIt) {
  move();
  EXPECT_EQ(queues(), 1);
  webhooks->prune(0, 100);
  tick();
  EXPECT_EQ(queues(), 1) << "its dead letters are kept";
  webhooks->prune(clock.wall + kHour, 100);
  roll_back();
  EXPECT_EQ(log({}).size(), 3U);
  webhooks->prune(clock.wall + kHour, 100);
  tick();
  EXPECT_EQ(queues(), 0);
  EXPECT_TRUE(health().empty());
  configure();
  add("1", 5);
  tick();
  EXPECT_EQ(sender->bodies(), std::vector<std::string>{"1:5"}) << "the URL may come back";
}

TEST_F(FormerWebhook, AUrlThatChangesEachDayLeavesNoMoreThanSomeQueues) {
  configure([](WebhookConfig& webhook) { webhook.retries = retries(0); });
  for (std::size_t i = 0; i < limits::kFormerWebhooks + 20; ++i) {
    configure([](WebhookConfig& webhook) { webhook.retries = retries(0); },
              "http://host/" + std::to_string(i));
    add("1", static_cast<int>(i));
    tick();
    sender->answer(0, 500);
    tick();
  }
  webhooks->prune(0, 1000);
  pass(2 * kSecond);
  webhooks->prune(0, 1000);
  tick();
  EXPECT_EQ(queues(), static_cast<std::int64_t>(limits::kFormerWebhooks) + 1);
  EXPECT_EQ(log(DeliveryState::dead).back().event_id,
            "evt_1:" + std::to_string(limits::kFormerWebhooks + 19));
}

TEST_F(FormerWebhook, HealthSaysWhatWaitsSinceWhenAndWhy) {
  configure({}, "http://user:secret@receiver/");
  const Millis since = clock.wall;
  add("1", 0);
  pass(kMinute);
  add("1", 1);
  tick();
  sender->answer(0, fail(Cause::io, "connect to 192.0.2.1:80: refused"));
  tick();
  auto seen = health();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].url, "http://user:***@receiver/");
  EXPECT_EQ(seen[0].pending, 2);
  EXPECT_EQ(seen[0].oldest_ms, since);
  EXPECT_EQ(seen[0].why, "io: connect to 192.0.2.1:80: refused");
  EXPECT_GT(seen[0].next_try_ms, clock.wall);
  EXPECT_EQ(totals().pending, 2);
  pass(kMinute);
  sender->answer(0, 200);
  sender->answer(0, 200);
  pass(kSecond);
  tick();
  seen = health();
  EXPECT_EQ(seen[0].pending, 0);
  EXPECT_EQ(seen[0].why, "");
  EXPECT_EQ(seen[0].next_try_ms, 0);
  EXPECT_EQ(totals().oldest_ms, 0);
}

TEST_F(FormerWebhook, DeadLettersAreCountedWhateverBecomesOfThem) {
  move();
  EXPECT_EQ(totals().dead, 3);
  restart();
  EXPECT_EQ(totals().dead, 3);
  ASSERT_TRUE(webhooks->replay(session, log(DeliveryState::dead)[0].id, kOther));
  EXPECT_EQ(totals().dead, 2);
  roll_back();
  EXPECT_EQ(totals().dead, 3);
}

// What a receiver has taken is a row within a second: until then it waits, whoever is asked.
TEST_F(FormerWebhook, WhatWaitsIsTheSameInTheLogAndInHealth) {
  configure({}, "http://receiver/");
  add("1", 1);
  add("2", 2);
  tick();
  tick();
  ASSERT_EQ(sender->open.size(), 2U);
  const auto queue = store::webhook_queues(*database)[0].queue;
  sender->answer(0, 200);
  bool seen_between = false;
  for (int i = 0; i < 30; ++i) {
    const auto waits = rows("SELECT count(*) FROM webhook_pending");
    EXPECT_EQ(webhooks->board().find(queue)->pending, waits);
    seen_between = seen_between || (i > 0 && waits == 2);
    pass(50);
  }
  EXPECT_TRUE(seen_between) << "no row was written at once";
  EXPECT_EQ(rows("SELECT count(*) FROM webhook_pending"), 1);
}

// With thousands of deliveries that wait for their next try, a change is a change of the one.
TEST_F(FormerWebhook, TroublesThatHaveNotChangedAreNotCopied) {
  configure({}, "http://receiver/");
  add("1", 1);
  add("2", 2);
  tick();
  ASSERT_EQ(sender->open.size(), 2U);
  sender->answer(0, 503);
  sender->answer(0, 503);
  tick();
  const auto queue = store::webhook_queues(*database)[0].queue;
  const auto before = webhooks->board().find(queue);
  ASSERT_EQ(before->troubles.size(), 2U);
  pass(5 * kSecond);
  tick();
  ASSERT_EQ(sender->open.size(), 2U);
  tick();
  const auto tried = webhooks->board().find(queue);
  sender->answer(0, 503);
  tick();
  const auto after = webhooks->board().find(queue);
  ASSERT_EQ(after->troubles.size(), 2U);
  EXPECT_NE(after->troubles[0], tried->troubles[0]);
  EXPECT_EQ(after->troubles[0]->tries, 2);
  EXPECT_EQ(after->troubles[1], tried->troubles[1]) << "shared, not copied";
  EXPECT_EQ(before->troubles[0]->tries, 1) << "who looked before has what there was";
  const auto* trouble = after->trouble_of(log(DeliveryState::pending)[1].id);
  ASSERT_NE(trouble, nullptr);
  EXPECT_EQ(trouble->tries, 1);
  EXPECT_EQ(after->trouble_of(1), nullptr);
}

}  // namespace
}  // namespace pigeond::gateway
