// The database goes bad under a gateway: what it tells meanwhile, and that it comes back by itself.
#include "gateway/storage/mending.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "gateway/core.h"
#include "store/database/backup.h"
#include "store/database/database.h"
#include "unit/gateway/nowhere.h"
#include "unit/store/sample.h"
#include "unit/store/temporary.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kPage = store::kPageBytes;

class MendingTest : public testing::TestWithParam<bool> {
 protected:
  MendingTest() {
    log::set_level(static_cast<log::Level>(0));
    auto database = std::move(*store::Database::open(path));
    store::SessionTable sessions(*database);
    for (const char* name : {"one", "two"}) sessions.create({0, name, "{}", true, 1});
    for (int i = 0; i < 40; ++i) store::add_row(*database, "message", 1, i, 900);
  }
  ~MendingTest() override { log::set_level(log::Level::info); }

  void make_backup() {
    const std::atomic<bool> go_on{false};
    ASSERT_TRUE(store::write_backup(path, go_on));
  }
  // The root pages of `table` and all of its indexes.
  void damage(const std::string& table) {
    std::vector<std::int64_t> pages;
    {
      const auto reader = std::move(*store::Database::open_read_only(path));
      auto row = reader->prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name = ?");
      row.bind(table);
      while (row.step()) pages.push_back(row.integer(0));
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (const std::int64_t page : pages) {
      file.seekp(static_cast<std::streamoff>((page - 1) * static_cast<std::int64_t>(kPage)));
      file << std::string(kPage, '\0');
    }
  }
  // What was written before is in the file, and in no log that would hide the damage.
  void damage_in_use(const std::string& table) {
    core->database().close(fail(Cause::storage, "for a moment"));
    ASSERT_TRUE(core->database().reopen());
    damage(table);
  }
  void start() {
    Options options;
    options.store_path = path;
    auto opened = Core::open(std::move(options), clock, random, &outside);
    ASSERT_TRUE(opened) << opened.error().detail;
    core = std::move(*opened);
    core->begin({});
  }
  void turn(Millis time = 0) {
    const Millis until = clock.mono + time;
    do {
      core->turn(clock.mono);
      clock.mono = std::min(until, clock.mono + 100);
    } while (clock.mono < until);
    core->turn(clock.mono);
  }
  bool wait_for(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      core->turn(clock.mono);
      clock.mono += 50;
      if (GetParam()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return done();
  }
  bool healthy() { return !core->storage().failure; }
  Result<SessionInfo> create(const std::string& name) {
    std::optional<Result<SessionInfo>> answer;
    core->loop().post(
        [&] { core->create(name, false, {}, [&](const Result<SessionInfo>& got) { answer.emplace(got); }); });
    turn();
    return answer ? *answer : Result<SessionInfo>(fail(Cause::timed_out));
  }
  std::string names() {
    std::string out;
    const auto sessions = core->views().sessions();
    for (const auto& session : *sessions) out += session.name + " ";
    return out;
  }

  store::TemporaryFolder folder{store::TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  WalkingClock clock;
  SeededRandom random{1};
  Nowhere outside{GetParam()};
  std::unique_ptr<Core> core;
};

TEST_P(MendingTest, DamageThatAStatementFindsIsToldAndHealedFromTheBackup) {
  make_backup();
  start();
  ASSERT_TRUE(create("later"));
  ASSERT_TRUE(healthy());
  damage_in_use("session");
  const auto refused = create("never");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::storage);
  const auto told = core->storage();
  ASSERT_TRUE(told.failure || told.recovery.restored);
  ASSERT_TRUE(wait_for([&] { return healthy(); }));
  EXPECT_TRUE(core->storage().recovery.restored);
  EXPECT_FALSE(core->storage().damaged);
  EXPECT_TRUE(std::filesystem::exists(core->storage().recovery.damaged)) << "the damaged file is kept";
  EXPECT_EQ(names(), "one two ") << "what came after the backup is lost";
  EXPECT_TRUE(create("after"));
}

// Over a connection of its own, of rows that nothing else reads.
TEST_P(MendingTest, DamageThatOnlyALookFindsIsHealedFromTheBackup) {
  make_backup();
  start();
  damage_in_use("webhook_outcome");
  const auto look = [&] {
    return core->views().read([](store::Database& database) -> Result<Found> {
      database.prepare("SELECT count(*) FROM webhook_outcome").step();
      return Found();
    });
  };
  EXPECT_EQ(look().cause(), Cause::storage);
  ASSERT_TRUE(wait_for([&] { return core->storage().recovery.restored && healthy(); }));
  EXPECT_TRUE(look());
}

TEST_P(MendingTest, DamageAfterACleanStopIsHealedThoughTheStartDidNotSeeIt) {
  make_backup();
  damage("webhook_queue");
  start();
  ASSERT_TRUE(wait_for([&] { return healthy(); }));
  EXPECT_TRUE(core->storage().recovery.restored);
  EXPECT_EQ(names(), "one two ");
}

TEST_P(MendingTest, WithoutABackupItStaysUpAndSaysSoUntilThereIsOne) {
  damage("session");
  start();
  turn(kMinute);
  const auto told = core->storage();
  ASSERT_TRUE(told.failure);
  EXPECT_TRUE(told.damaged);
  EXPECT_NE(told.failure->detail.find(".backup"), std::string::npos) << told.failure->detail;
  EXPECT_GT(told.failing_since, 0);
  const auto refused = create("never");
  EXPECT_EQ(refused.cause(), Cause::storage);
  bool proved = false;
  core->loop().post([&] { core->prove([&](const Result<bool>& is) { proved = is && *is; }); });
  turn();
  EXPECT_TRUE(proved) << "a watchdog would start it again and again";
  EXPECT_EQ(core->storage().failing_since, told.failing_since);

  // Somebody brings one.
  {
    auto other = std::move(*store::Database::open(folder.file("other.db")));
    store::SessionTable(*other).create({0, "brought", "{}", false, 1});
  }
  std::filesystem::rename(folder.file("other.db"), store::backup_file_of(path));
  ASSERT_TRUE(wait_for([&] { return healthy(); }));
  EXPECT_EQ(names(), "brought ");
}

TEST_P(MendingTest, AFileThatIsAwayOrStillCopiedIsWaitedFor) {
  damage("session");
  start();
  turn(kMinute);
  ASSERT_FALSE(healthy());
  std::filesystem::rename(path, folder.file("damaged.db"));
  turn(kMinute);
  EXPECT_FALSE(healthy()) << "an empty gateway would be worse than none";
  {
    auto other = std::move(*store::Database::open(folder.file("other.db")));
    store::SessionTable(*other).create({0, "brought", "{}", false, 1});
  }
  std::string whole;
  {
    std::ifstream in(folder.file("other.db"), std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::ofstream out(path, std::ios::binary);
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 10) {
    EXPECT_FALSE(healthy());
    out << whole.substr(at, whole.size() / 10) << std::flush;
    turn(3 * kSecond);
  }
  out.close();
  ASSERT_TRUE(wait_for([&] { return healthy(); }));
  EXPECT_EQ(names(), "brought ");
}

TEST_P(MendingTest, WhileItIsMendedNoSessionClaimsToWorkAndEachSaysWhy) {
  start();
  damage_in_use("session");
  (void)create("never");
  turn(kMinute);
  ASSERT_TRUE(core->storage().damaged);
  int seen = 0;
  const auto sessions = core->views().sessions();
  ASSERT_TRUE(sessions);
  for (const auto& session : *sessions) {
    EXPECT_NE(session.status, SessionStatus::working);
    EXPECT_TRUE(session.cause && session.cause->cause == Cause::storage) << session.name;
    ++seen;
  }
  EXPECT_GE(seen, 2);
}

INSTANTIATE_TEST_SUITE_P(Either, MendingTest, testing::Bool(),
                         [](const auto& with) { return with.param ? "beside" : "in_place"; });

}  // namespace
}  // namespace pigeond::gateway
