// Nothing that waits loses its place: not when others of its line are given up, nor when a tick is rolled
// back, nor when those that had its room go without an answer.
#include "base/limits.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

class WebhookPlaces : public WebhookWorld {
 protected:
  static constexpr const char* kOther = "http://right/hook";

  void fail_all() {
    while (!sender->open.empty()) sender->answer(0, fail(Cause::io, "refused"));
  }
};

TEST_F(WebhookPlaces, AQueueThatIsFullWhileItsReceiverIsDownStrandsNothingAndKeepsTheOrder) {
  configure([](WebhookConfig& webhook) {
    webhook.connections = 2;
    webhook.retries = retries(1, 60);
  });
  std::map<std::string, int> added;
  for (int i = 0; i < limits::kWebhookQueue; ++i) {
    const std::string chat = i % 2 == 0 ? "1" : "2";
    add(chat, added[chat]++);
  }
  tick();
  ASSERT_EQ(sender->bodies(), (std::vector<std::string>{"1:0", "2:0"}));
  for (int i = 0; i < 2; ++i) sender->answer(0, fail(Cause::io, "refused"));
  pass(31 * kSecond);  // another chat is looked for, and there is none
  ASSERT_TRUE(sender->open.empty());
  pass(30 * kSecond);
  ASSERT_EQ(sender->bodies(), (std::vector<std::string>{"1:0", "2:0"}));
  for (int i = 0; i < 2; ++i) sender->answer(0, fail(Cause::io, "refused"));
  ASSERT_EQ(sender->open.size(), 1U) << "it is down";
  for (int i = 0; i < 12; ++i) {
    const std::string chat = i % 2 == 0 ? "1" : "2";
    add(chat, added[chat]++);
  }
  tick();
  ASSERT_EQ(log(DeliveryState::pending).size(), static_cast<std::size_t>(limits::kWebhookQueue));
  const auto dead = log(DeliveryState::dead).size();
  std::map<std::string, int> newest;
  std::size_t told = 0;
  for (; !sender->open.empty(); ++told) {
    const std::string body = sender->bodies()[0];
    const std::string chat = body.substr(0, body.find(':'));
    const int number = std::stoi(body.substr(body.find(':') + 1));
    ASSERT_GT(number, newest[chat]) << body;
    newest[chat] = number;
    sender->answer(0, 200);
  }
  EXPECT_TRUE(log(DeliveryState::pending).empty());
  EXPECT_EQ(told + dead, static_cast<std::size_t>(added["1"] + added["2"]));
}

TEST_F(WebhookPlaces, AReceiverThatWasOnlyLookedForOutlivesALaterRollback) {
  configure({}, kOther);
  ReplayRange nothing;
  nothing.to_url = kOther;
  ASSERT_EQ(webhooks->replay(session, nothing)->count, 0);
  nothing.url = "http://unknown/";
  ASSERT_EQ(webhooks->replay(session, nothing).cause(), Cause::bad_input);
  tick();
  roll_back();
  add("1", 0);
  tick();
  EXPECT_EQ(sender->bodies(), std::vector<std::string>{"1:0"});
}

TEST_F(WebhookPlaces, AQueueThatWasToGoIsThereAgainAfterARollbackThoughItsUrlHadComeBack) {
  configure([](WebhookConfig& webhook) { webhook.retries = retries(0); });
  add("1", 0);
  tick();
  fail_all();
  pass(2 * kSecond);
  configure({}, kOther);
  webhooks->prune(clock.wall + kHour, 100);
  configure();
  add("1", 1);
  roll_back();
  EXPECT_EQ(log(DeliveryState::dead).size(), 1U);
  add("1", 2);
  tick();
  EXPECT_EQ(sender->bodies(), std::vector<std::string>{"1:2"});
}

TEST_F(WebhookPlaces, TheRoomOfASessionThatGoesIsTakenByThoseThatWaitForIt) {
  const auto configured = [](const std::vector<std::string>& paths) {
    SessionConfig out;
    for (const auto& path : paths)
      out.webhooks.push_back(
          webhook_at("http://receiver/" + path, [](WebhookConfig& webhook) { webhook.connections = 32; }));
    return out;
  };
  const auto other = store::SessionTable(*database).create({0, "other", "{}", true, 0});
  const SessionConfig greedy = configured({"1", "2"}), starved = configured({"3"});
  config = configured({"1", "2", "3"});
  for (int chat = 0; chat < 40; ++chat) {
    tell(*database, *webhooks, session, greedy, clock.wall, Topic::message_in,
         message_in(std::to_string(chat + 1)), "greedy");
  }
  tell(*database, *webhooks, other, starved, clock.wall, Topic::message_in, message_in("1"), "starved");
  tick();
  ASSERT_EQ(sender->bodies(), std::vector<std::string>(limits::kWebhookCallsOfHost, "greedy"));
  webhooks->forget(session);
  pass(1);
  EXPECT_EQ(sender->bodies(), std::vector<std::string>{"starved"});
}

}  // namespace
}  // namespace pigeond::gateway
