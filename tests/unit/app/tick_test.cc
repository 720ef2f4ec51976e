// Durable before visible: when the commit fails, nothing leaves. And the heartbeat tells the truth.
#include <gtest/gtest.h>

#include <atomic>

#include "store/database/backup.h"
#include "world.h"

namespace pigeond::app {
namespace {

using gateway::SessionStatus;

// Lets the database grow no further, or as far as it likes again.
void set_disk_full(gateway::Core& core, bool full) {
  auto pages = core.database().prepare("PRAGMA page_count");
  ASSERT_TRUE(pages.step());
  const std::string limit = full ? std::to_string(pages.integer(0)) : "1000000";
  core.database().prepare("PRAGMA max_page_count = " + limit).step();
}

std::size_t texts_of_contact(Service& service) {
  return service.on_loop<std::size_t>(
      [](sandbox::Service& s) { return s.phone(kContact)->log().since(0).size(); });
}

TEST(Tick, ReleasesNothingWhenTheCommitFailsAndGoesOnWhenTheDiskDoes) {
  Folder folder;
  Service service;
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(gateway.create("other", false));
  gateway.post([](gateway::Core& core) { set_disk_full(core, true); });
  const auto refused = gateway.send("a", std::string(60000, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::storage);
  const auto info = gateway.session("a");
  ASSERT_TRUE(info);
  EXPECT_NE(info->status, SessionStatus::working);  // it can't send
  ASSERT_TRUE(info->cause);
  EXPECT_EQ(info->cause->cause, Cause::storage);
  EXPECT_EQ(texts_of_contact(service), 0u);
  EXPECT_TRUE(gateway.session("other"));  // reading goes on

  gateway.post([](gateway::Core& core) { set_disk_full(core, false); });
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  const auto sent = gateway.send("a", "now it works");
  EXPECT_TRUE(sent) << sent.error().detail;
  ASSERT_TRUE(eventually([&] { return texts_of_contact(service) > 0; }));
  EXPECT_TRUE(
      service.on_loop<bool>([](sandbox::Service& s) { return s.world().trace.violations().empty(); }));
}

TEST(Tick, RefusesSendsWithTheCauseUntilTheDiskTakesThemAgain) {
  Folder folder;
  Service service;
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  gateway.post([](gateway::Core& core) { set_disk_full(core, true); });
  EXPECT_FALSE(gateway.storage().failure);
  ASSERT_FALSE(gateway.send("a", std::string(60000, 'x')));
  ASSERT_TRUE(gateway.storage().failure);
  EXPECT_EQ(gateway.storage().failure->cause, Cause::storage);
  EXPECT_GT(gateway.storage().failing_since, 0);
  const auto small = gateway.send("a", "x");  // although the session is down by now
  ASSERT_FALSE(small);
  EXPECT_EQ(small.cause(), Cause::storage);
  gateway.post([](gateway::Core& core) { set_disk_full(core, false); });
  ASSERT_TRUE(eventually([&] { return !gateway.storage().failure; }));
  EXPECT_EQ(gateway.storage().failing_since, 0);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  EXPECT_TRUE(gateway.send("a", "now it works"));
}

TEST(Tick, StartsFromTheBackupAfterDamageAndTalksOn) {
  Folder folder;
  Service service;
  const auto path = folder.file("p.db");
  {
    Gateway gateway(service, path);
    gateway.link("a", service);
    ASSERT_TRUE(gateway.send("a", "before"));
  }
  const std::atomic<bool> go_on{false};
  ASSERT_TRUE(store::write_backup(path, go_on));
  {
    Gateway gateway(service, path);
    ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
    ASSERT_TRUE(gateway.send("a", "with ratchets that the backup has not"));
  }
  std::filesystem::resize_file(path, 0);
  Gateway gateway(service, path);
  EXPECT_TRUE(gateway.storage().recovery.restored);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  const auto before = texts_of_contact(service);
  const auto sent = gateway.send("a", "after");
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_TRUE(eventually([&] { return texts_of_contact(service) > before; }));
  EXPECT_TRUE(
      service.on_loop<bool>([](sandbox::Service& s) { return s.world().trace.violations().empty(); }));
}

TEST(Tick, CreatesNoSessionWhenTheCommitFails) {
  Folder folder;
  Service service;
  Gateway gateway(service, folder.file("p.db"));
  gateway.post([](gateway::Core& core) { set_disk_full(core, true); });
  gateway::SessionConfig large;
  large.raw = "{\"x\":\"" + std::string(60000, 'x') + "\"}";
  const auto refused = gateway.call<gateway::SessionInfo>(
      [&](auto& core, auto reply) { core.create("a", true, large, std::move(reply)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::storage);
  EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
  EXPECT_EQ(service.connections(), 0u);
}

TEST(Tick, AnswersWhoeverAskedSomethingOfASessionWhoseCreationFails) {
  Folder folder;
  Service service;
  Gateway gateway(service, folder.file("p.db"));
  gateway.post([](gateway::Core& core) { set_disk_full(core, true); });
  gateway::SessionConfig large;
  large.raw = "{\"x\":\"" + std::string(60000, 'x') + "\"}";
  const auto code = gateway.call<gateway::Qr>([&](auto& core, auto reply) {
    core.create("a", true, large, [](const Result<gateway::SessionInfo>& created) { EXPECT_FALSE(created); });
    core.qr("a", kHour, std::move(reply));
  });
  ASSERT_FALSE(code);
  EXPECT_EQ(code.cause(), Cause::storage);
}

struct Beats {
  std::atomic<int> count{0};
  gateway::RunHooks hooks() {
    gateway::RunHooks out;
    out.heartbeat = 20;
    out.on_heartbeat = [this] { ++count; };
    return out;
  }
};

TEST(Heartbeat, StopsWhileTheLoopHangs) {
  Folder folder;
  Service service;
  Beats beats;
  Gateway gateway(service, folder.file("p.db"), beats.hooks());
  ASSERT_TRUE(eventually([&] { return beats.count > 2; }));
  std::promise<void> hangs, goes_on;
  gateway.post([&](gateway::Core&) {
    hangs.set_value();
    goes_on.get_future().wait();
  });
  hangs.get_future().wait();
  const int before = beats.count;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(beats.count, before);
  goes_on.set_value();
  EXPECT_TRUE(eventually([&] { return beats.count > before; }));
}

TEST(Heartbeat, StopsWhileTheDatabaseFails) {
  Folder folder;
  Service service;
  Beats beats;
  Gateway gateway(service, folder.file("p.db"), beats.hooks());
  ASSERT_TRUE(eventually([&] { return beats.count > 2; }));
  std::atomic<bool> failing{true};
  std::atomic<int> rounds{0};
  // Each round of the loop ends in a commit that fails.
  std::function<void(gateway::Core&)> break_tick = [&](gateway::Core& core) {
    if (!failing) return;
    core.database().prepare("INSERT INTO session (name) VALUES (NULL)").run();
    ++rounds;
    core.loop().post([&] { break_tick(core); });
  };
  gateway.post(break_tick);
  ASSERT_TRUE(eventually([&] { return rounds > 2; }));
  const int before = beats.count;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(beats.count, before);
  failing = false;
  EXPECT_TRUE(eventually([&] { return beats.count > before; }));
}

TEST(Heartbeat, NeedsTheApiToGiveASignOfLife) {
  Folder folder;
  Service service;
  std::atomic<int> asked{0};
  std::promise<std::function<void()>> unanswered;
  Beats beats;
  auto hooks = beats.hooks();
  hooks.probe = [&](std::function<void()> alive) {
    if (++asked == 1) return unanswered.set_value(std::move(alive));
    alive();
  };
  Gateway gateway(service, folder.file("p.db"), hooks);
  auto alive = unanswered.get_future().get();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(beats.count, 0);
  EXPECT_EQ(asked, 1) << "who does not answer is not asked again";
  alive();
  EXPECT_TRUE(eventually([&] { return beats.count > 1; }));
}

}  // namespace
}  // namespace pigeond::app
