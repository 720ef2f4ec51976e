#include "gateway/client_version/client_version.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

constexpr std::uint32_t kOurs = engine::kBuiltInVersion.revision;

class ClientVersionTest : public ::testing::Test {
 protected:
  ClientVersionTest() { database->begin(); }

  ClientVersionWatch& start(ClientVersionOptions options = {"https://web.example/sw.js", false, true}) {
    watch.reset();
    profile.version = engine::kBuiltInVersion;
    watch = std::make_unique<ClientVersionWatch>(
        loop, sender, *database, profile, options, "",
        ClientVersionWatch::Callbacks{[this] { ++raised; }, [] { return true; }, [this] { return way; }});
    watch->load();
    watch->start();
    return *watch;
  }
  void tell(std::uint32_t revision) {
    net::HttpResponse response;
    response.status = 200;
    response.body = "\"client_revision\":" + std::to_string(revision) + ",";
    ASSERT_EQ(sender.open.size(), 1u);
    sender.answer(0, response);
  }
  void pass(Millis time) {
    clock.mono += time;
    clock.wall += time;
    loop.run_once(clock.mono);
  }
  static engine::ExpiryTold expiry(std::optional<std::int64_t> at, std::uint32_t revision = kOurs) {
    return {{2, 3000, revision}, at};
  }

  HandClock clock;
  net::Loop loop{clock};
  HandSender sender;
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  engine::ClientProfile profile;
  std::unique_ptr<ClientVersionWatch> watch;
  net::ProxyRef way;
  int raised = 0;
};

TEST_F(ClientVersionTest, IsLookedUpTheWayThatIsGiven) {
  way = std::make_shared<const net::Proxy>(*net::parse_proxy("proxy.example:1"));
  start();
  ASSERT_EQ(sender.open.size(), 1u);
  EXPECT_EQ(sender.open[0].request.proxy, way);
}

TEST_F(ClientVersionTest, IsLookedUpOnceADayAsABrowserWould) {
  start();
  ASSERT_EQ(sender.open.size(), 1u);
  EXPECT_EQ(sender.open[0].request.method, "GET");
  EXPECT_EQ(sender.header(0, "sec-fetch-site"), "none");
  EXPECT_NE(sender.header(0, "user-agent").find("Chrome/"), std::string::npos);
  EXPECT_EQ(sender.open[0].request.most_body, limits::kServiceWorker);
  tell(kOurs + 5);
  EXPECT_EQ(profile.version.revision, kOurs + 5);
  EXPECT_EQ(raised, 1);
  EXPECT_EQ(watch->state().source, ClientVersionState::Source::learnt);
  pass(kDay - kMinute);
  EXPECT_TRUE(sender.open.empty());
  pass(kMinute);
  EXPECT_EQ(sender.open.size(), 1u);
}

TEST_F(ClientVersionTest, WhatWasLearntOutlivesARestartWhichAsksNobody) {
  start();
  tell(kOurs + 5);
  clock.wall += kHour;
  start();
  EXPECT_EQ(profile.version.revision, kOurs + 5);
  EXPECT_TRUE(sender.open.empty());
  clock.wall -= 2 * kHour;  // the clock was wrong before, or is now
  start();
  EXPECT_EQ(sender.open.size(), 1u);
}

TEST_F(ClientVersionTest, IsNeverLowered) {
  start();
  tell(kOurs + 5);
  pass(kDay);
  tell(kOurs + 2);
  EXPECT_EQ(profile.version.revision, kOurs + 5);
  EXPECT_EQ(store::client_version(*database).revision, kOurs + 5);
  EXPECT_EQ(raised, 1);
}

TEST_F(ClientVersionTest, AfterARefusalIsLookedUpAtOnceAndThenEveryTenSeconds) {
  start();
  tell(kOurs);
  pass(kHour);
  watch->doubted();
  watch->doubted();
  ASSERT_EQ(sender.open.size(), 1u);
  tell(kOurs);
  watch->doubted();
  EXPECT_TRUE(sender.open.empty());
  pass(10 * kSecond);
  ASSERT_EQ(sender.open.size(), 1u);
  tell(kOurs + 1);
  EXPECT_EQ(raised, 1);
}

TEST_F(ClientVersionTest, APageThatTellsNothingIsAskedAgainInAnHourAndBeforeALinking) {
  start();
  sender.answer(0, 503);
  EXPECT_EQ(watch->state().look_trouble, "the answer is HTTP 503");
  pass(kMinute);
  watch->linking();
  ASSERT_EQ(sender.open.size(), 1u);
  sender.answer(0, fail(Cause::resolve, "no such name"));
  EXPECT_NE(watch->state().look_trouble.find("no such name"), std::string::npos);
  pass(kHour);
  ASSERT_EQ(sender.open.size(), 1u);
  tell(kOurs);
  EXPECT_EQ(watch->state().look_trouble, "");
  pass(kMinute);
  watch->linking();  // it was told a minute ago
  EXPECT_TRUE(sender.open.empty());
}

TEST_F(ClientVersionTest, ADoubtThatComesDuringALookIsNotForgottenShouldThatFail) {
  start();
  watch->doubted();
  EXPECT_EQ(sender.open.size(), 1u);
  sender.answer(0, 503);
  pass(10 * kSecond);
  ASSERT_EQ(sender.open.size(), 1u);
  sender.answer(0, 503);
  pass(10 * kSecond);
  EXPECT_TRUE(sender.open.empty());
}

TEST_F(ClientVersionTest, AConfiguredOneIsLeftAloneAndNobodyIsAsked) {
  start();
  tell(kOurs + 5);
  ClientVersionOptions options{"https://web.example/sw.js", true, true};
  start(options);
  watch->doubted();
  pass(2 * kDay);
  EXPECT_TRUE(sender.open.empty());
  EXPECT_EQ(profile.version.revision, kOurs);
  EXPECT_EQ(watch->state().source, ClientVersionState::Source::configured);
}

TEST_F(ClientVersionTest, AnOldOneIsWarnedOfWhereItMatters) {
  clock.wall = engine::kBuiltInAppeared + 50 * kDay;
  start();
  EXPECT_EQ(watch->state().warning, "");
  clock.wall += 20 * kDay;
  EXPECT_NE(watch->state().warning.find("about 70 days old"), std::string::npos);
  tell(kOurs + 65'000 * 60);
  EXPECT_EQ(watch->state().warning, "");
  start({"", false, false});
  clock.wall += 300 * kDay;
  EXPECT_EQ(watch->state().warning, "") << "of a server that stands in for the service";
}

TEST_F(ClientVersionTest, TheEarliestEndIsKeptForTheVersionToWhichItWasSaid) {
  start();
  tell(kOurs);
  const std::int64_t now = clock.now().unix_seconds();
  watch->told(expiry(now + 40 * 86400));
  watch->told(expiry(now + 50 * 86400));
  EXPECT_EQ(watch->state().expires, now + 40 * 86400);
  watch->told(expiry(now + 10 * 86400));
  EXPECT_EQ(watch->state().expires, now + 10 * 86400);
  EXPECT_NE(watch->state().warning.find("will refuse version"), std::string::npos);
  start();
  EXPECT_EQ(watch->state().expires, now + 10 * 86400) << "it is stored";
  watch->told(expiry(now - 1));
  EXPECT_EQ(watch->state().expires, now + 3 * 86400) << "there is time to update";
  pass(kMinute);
  watch->doubted();
  tell(kOurs + 1);
  EXPECT_EQ(watch->state().expires, 0) << "another version";
  watch->told(expiry(now + 20 * 86400, kOurs + 1));
  EXPECT_EQ(watch->state().expires, now + 20 * 86400);
  watch->told(expiry(std::nullopt, kOurs + 1));
  EXPECT_EQ(watch->state().expires, 0);
}

}  // namespace
}  // namespace pigeond::gateway
