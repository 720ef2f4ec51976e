// A process listens before its sessions are loaded. Whoever asks for one meanwhile gets it, and none is taken
// for one that is not there.
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "store/sessions.h"
#include "store/webhooks/webhooks.h"
#include "unit/gateway/nowhere.h"
#include "unit/store/temporary.h"

namespace pigeond::gateway {
namespace {

constexpr int kSessions = 300;  // several steps

std::string name_of(int i) {
  const std::string digits = std::to_string(i);
  return "s" + std::string(3 - digits.size(), '0') + digits;
}

class StartTest : public testing::Test {
 protected:
  StartTest() {
    auto database = std::move(*store::Database::open(path));
    store::SessionTable sessions(*database);
    for (int i = 0; i < kSessions; ++i) sessions.create({0, name_of(i), kConfig, i % 2 == 0, 1});
  }

  void open() {
    Options options;
    options.store_path = path;
    options.event_format = std::make_shared<Format>();
    options.read_config = [](std::string_view raw) -> Result<SessionConfig> {
      SessionConfig config;
      config.raw = raw;
      config.webhooks.emplace_back();
      config.webhooks.back().url = "http://127.0.0.1:1/";
      config.webhooks.back().topics = Topics{Topic::session_status};
      return config;
    };
    auto opened = Core::open(std::move(options), clock, random, &outside);
    ASSERT_TRUE(opened) << opened.error().detail;
    core = std::move(*opened);
  }
  void begin() {
    RunHooks hooks;
    hooks.on_started = [this] { ++started; };
    core->begin(hooks);
  }
  // The loop's turns, until there is nothing to do at this time.
  void turns() {
    for (int i = 0; i < 40; ++i) core->turn(++clock.mono);
  }
  template <typename T>
  std::shared_ptr<std::optional<Result<T>>> post(std::function<void(Reply<T>)> call) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    core->loop().post([call = std::move(call), answer] {
      call([answer](Result<T> result) { answer->emplace(std::move(result)); });
    });
    return answer;
  }

  class Format final : public EventFormat {
    std::string format(const EventSession&, const Event&) const override { return "{}"; }
  };
  static constexpr const char* kConfig = "{\"some\":\"words\"}";
  store::TemporaryFolder folder{store::TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  WalkingClock clock;
  SeededRandom random{1};
  Nowhere outside;
  std::unique_ptr<Core> core;
  int started = 0;
};

TEST_F(StartTest, LoadsSessionsInStepsAndSaysThatItHasStartedWhenAllAreThere) {
  open();
  EXPECT_EQ(core->count().all, 0) << "nothing is loaded before it listens";
  begin();
  EXPECT_GT(core->count().all, 0);
  EXPECT_LT(core->count().all, kSessions) << "a turn is short, however many there are";
  EXPECT_EQ(started, 0);
  turns();
  EXPECT_EQ(core->count().all, kSessions);
  EXPECT_EQ(core->count().running, kSessions / 2);
  EXPECT_EQ(started, 1);
}

TEST_F(StartTest, TheLimitOfSessionsCountsThoseThatAreNotLoadedYet) {
  {
    auto database = std::move(*store::Database::open(path));
    store::SessionTable sessions(*database);
    for (std::size_t i = kSessions; i < limits::kSessions; ++i)
      sessions.create({0, "t" + std::to_string(i), kConfig, false, 1});
  }
  open();
  begin();
  const auto made = post<SessionInfo>([&](auto reply) { core->create("u", false, {}, std::move(reply)); });
  core->turn(clock.mono);
  ASSERT_LT(core->count().all, static_cast<int>(limits::kSessions));
  ASSERT_TRUE(made->has_value());
  EXPECT_EQ((*made)->cause(), Cause::rate_limited);
}

TEST_F(StartTest, ACallIsForItsSessionThoughThatIsNotLoadedYet) {
  open();
  begin();
  ASSERT_LT(core->count().all, kSessions);
  const std::string last = name_of(kSessions - 1);
  const auto restarted = post<SessionInfo>([&](auto reply) { core->start(last, std::move(reply)); });
  const auto made = post<SessionInfo>(
      [&](auto reply) { core->create(name_of(kSessions - 2), true, {}, std::move(reply)); });
  const auto nobody = post<SessionInfo>([&](auto reply) { core->start("nobody", std::move(reply)); });
  core->turn(clock.mono);
  ASSERT_LT(core->count().all, kSessions) << "it is asked for while others are still loaded";
  ASSERT_TRUE(*restarted && **restarted) << "a session of the database was not found";
  EXPECT_EQ((**restarted)->status, SessionStatus::starting);
  ASSERT_TRUE(made->has_value());
  EXPECT_EQ((*made)->cause(), Cause::already_exists);
  ASSERT_TRUE(nobody->has_value());
  EXPECT_EQ((*nobody)->cause(), Cause::not_found);
  turns();
  EXPECT_EQ(core->count().all, kSessions) << "nor is one loaded twice";
  EXPECT_EQ(core->count().running, kSessions / 2 + 1);
}

TEST_F(StartTest, ALookWaitsForTheSessionThatItIsFor) {
  open();
  auto one = std::async(std::launch::async, [&] { return core->views().session(name_of(kSessions - 1)); });
  auto all = std::async(std::launch::async, [&] { return core->views().sessions(); });
  auto nobody = std::async(std::launch::async, [&] { return core->views().session("nobody"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // each of them has begun by now, most likely
  begin();
  turns();
  const auto found = one.get();
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->config->raw, kConfig);
  const auto list = all.get();
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), static_cast<std::size_t>(kSessions));
  EXPECT_EQ(nobody.get().cause(), Cause::not_found);
}

TEST_F(StartTest, ALookAtAProcessThatEndsBeforeIsToldSo) {
  open();
  begin();
  core->shut_down();
  while (core->turn(clock.mono)) clock.mono += 10;
  core->finish();
  EXPECT_TRUE(core->views().session(name_of(0)));
  EXPECT_EQ(core->views().session(name_of(kSessions - 1)).cause(), Cause::shutting_down);
  EXPECT_EQ(core->views().sessions().cause(), Cause::shutting_down);
}

// A status of a session that was loaded first goes into the queue that its webhook has, and behind what waits
// there.
TEST_F(StartTest, WhatWaitsForAWebhookIsTakenUpWithItsSession) {
  open();
  begin();
  turns();
  core->shut_down();
  while (core->turn(clock.mono)) clock.mono += 10;
  core->finish();
  core.reset();
  std::size_t queues = 0;
  std::int64_t waiting = 0;
  const auto look = [&] {
    const auto reader = std::move(*store::Database::open_read_only(path));
    queues = waiting = 0;
    for (const auto& queue : store::webhook_queues(*reader)) {
      ++queues;
      waiting += store::webhook_queue_state(*reader, queue.queue).pending;
    }
  };
  look();
  ASSERT_EQ(queues, static_cast<std::size_t>(kSessions / 2)) << "the running ones have told their status";
  ASSERT_GE(waiting, kSessions / 2);
  const auto before = waiting;
  open();
  begin();
  turns();
  EXPECT_EQ(core->views().webhook_totals()->pending, before + kSessions / 2) << "and they tell it again";
  core.reset();
  look();
  EXPECT_EQ(queues, static_cast<std::size_t>(kSessions / 2)) << "there is one queue of each URL";
}

}  // namespace
}  // namespace pigeond::gateway
