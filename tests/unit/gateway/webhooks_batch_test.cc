// Several events in one call.
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "crypto/hash.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

using Bodies = std::vector<std::string>;

class WebhookBatch : public WebhookWorld {};

TEST_F(WebhookBatch, ACallCarriesAnArrayInTheOrderOfEvents) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 3;
    webhook.connections = 1;
    webhook.hmac_key = "k";
  });
  for (const char* chat : {"1", "2"})
    for (int i = 0; i < 2; ++i) add(chat, i);
  tick();
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:0,1:1,2:0]"}));
  EXPECT_EQ(sender->header(0, "Mark-Hmac"),
            hex_lower(crypto::hmac_sha512(as_bytes("k"), as_bytes("[1:0,1:1,2:0]"))));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"[2:1]"})) << "an array also for one";
  sender->answer(0, 200);
  EXPECT_EQ(log(DeliveryState::delivered).size(), 4U) << "the log is of events";
}

TEST_F(WebhookBatch, ABatchIsTheSameOnEachTry) {
  configure([](WebhookConfig& webhook) { webhook.batch = 10; });
  add("1", 0);
  add("2", 0);
  tick();
  const auto body = sender->bodies()[0], id = sender->header(0, "Mark-Id");
  sender->answer(0, 503);
  add("1", 1);
  add("3", 0);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"[3:0]"})) << "what is in the other batch's chats waits";
  sender->answer(0, 200);
  pass(kMinute);
  ASSERT_EQ(sender->bodies(), (Bodies{body}));
  EXPECT_EQ(sender->header(0, "Mark-Id"), id);
  EXPECT_EQ(sender->header(0, "Mark-Attempt"), "2");
  sender->answer(0, 200);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:1]"}));
  EXPECT_NE(sender->header(0, "Mark-Id"), id);
}

TEST_F(WebhookBatch, ADeadBatchIsALetterForEachEventAndEachIsReplayedByItself) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 10;
    webhook.retries = retries(0);
  });
  for (int i = 0; i < 3; ++i) add("1", i);
  tick();
  for (int i = 0; i < 4; ++i) sender->answer(0, 500);  // the batch, and each of its events
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_EQ(dead[1].why, "status 500");
  ASSERT_TRUE(webhooks->replay(session, dead[1].id));
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"[1:1]"}));
}

TEST_F(WebhookBatch, AnEventThatIsNeverTakenTakesNoOtherOfItsBatchWithIt) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 10;
    webhook.retries = retries(1, 1);
  });
  for (int i = 0; i < 3; ++i) add("1", i);
  tick();
  sender->answer(0, 500);
  pass(kSecond);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:0,1:1,1:2]"}));
  sender->answer(0, 500);
  Bodies told;
  for (; !sender->open.empty() && told.size() < 10; sender->answer(0, told.back() == "[1:1]" ? 500 : 200))
    told.push_back(sender->bodies().at(0));
  EXPECT_EQ(told, (Bodies{"[1:0]", "[1:1]", "[1:2]"})) << "in their order";
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].event_id, "evt_1:1");
  EXPECT_EQ(log(DeliveryState::delivered).size(), 2U);
  add("1", 3);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"[1:3]"}));
}

TEST_F(WebhookBatch, WhatIsRefusedTwiceAsABatchGoesOneByOneBeforeItsRetriesAreUsedUp) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 10;
    webhook.retries = retries(5, 1);
  });
  for (int i = 0; i < 2; ++i) add("1", i);
  tick();
  sender->answer(0, 422);
  pass(kSecond);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:0,1:1]"}));
  sender->answer(0, 422);
  pass(kSecond);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:0]"}));
  sender->answer(0, 200);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:1]"}));
  sender->answer(0, 422);
  EXPECT_TRUE(log(DeliveryState::dead).empty()) << "it has retries left";
  pass(kSecond);
  ASSERT_EQ(sender->bodies(), (Bodies{"[1:1]"}));
}

TEST_F(WebhookBatch, AReceiverThatIsNotThereIsNotAskedForEachEvent) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 10;
    webhook.retries = retries(0);
  });
  for (int i = 0; i < 3; ++i) add("1", i);
  tick();
  sender->answer(0, fail(Cause::io, "refused"));
  EXPECT_EQ(log(DeliveryState::dead).size(), 3U);
  EXPECT_EQ(sender->total, 1U);
}

TEST_F(WebhookBatch, LargeEventsMakeSmallBatches) {
  configure([](WebhookConfig& webhook) {
    webhook.batch = 100;
    webhook.connections = 1;
  });
  for (int i = 0; i < 6; ++i) add(message_in("1"), std::string(limits::kWebhookBatchBytes / 2, 'x'));
  tick();
  ASSERT_EQ(sender->open.size(), 1U);
  EXPECT_LT(sender->bodies()[0].size(), 2 * limits::kWebhookBatchBytes);
}

TEST_F(WebhookBatch, BatchesOfDifferentChatsGoSideBySide) {
  configure([](WebhookConfig& webhook) { webhook.batch = 2; });
  for (const char* chat : {"1", "2", "3"})
    for (int i = 0; i < 2; ++i) add(chat, i);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"[1:0,1:1]", "[2:0,2:1]", "[3:0,3:1]"}));
}

}  // namespace
}  // namespace pigeond::gateway
