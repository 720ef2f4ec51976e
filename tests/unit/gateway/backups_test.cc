#include "gateway/storage/backups.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/account/credentials.h"
#include "store/api_keys.h"
#include "store/database/backup.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::gateway {
namespace {

class BackupsTest : public ::testing::Test {
 protected:
  BackupsTest() { backups.start(); }

  void write(const std::string& name) { table.create({0, name, "{}", true, 1}); }
  // Whether a backup was made of it.
  bool look() {
    backups.look();
    if (!backups.under_way()) return false;
    while (backups.under_way()) loop.run_once(loop.now().mono + 10);
    return true;
  }
  void age(Millis by) {
    const auto file = store::backup_file_of(path);
    std::filesystem::last_write_time(file,
                                     std::filesystem::last_write_time(file) - std::chrono::milliseconds(by));
  }

  SystemClock clock;
  store::TemporaryFolder folder;
  const std::string path = folder.file("p.db");
  std::unique_ptr<store::Database> database = std::move(store::Database::open(path).value());
  store::SessionTable table{*database};
  net::Loop loop{clock};
  StorageHealth health;
  std::vector<Error> damages;
  Backups backups{
      loop, *database, health, path, kDay, true, [this](const Error& damage) { damages.push_back(damage); }};
};

TEST_F(BackupsTest, OneIsMadeWhenThereIsNoneAndThenOncePerInterval) {
  write("a");
  ASSERT_TRUE(look());
  EXPECT_GT(health.state().backup_ms, 0);
  EXPECT_EQ(health.state().backup_ms, store::backup_time(path));
  write("b");
  EXPECT_FALSE(look()) << "the last is fresh";
  age(kDay);
  EXPECT_TRUE(look());
  age(kDay);
  EXPECT_FALSE(look()) << "nothing was written since";
}

// In an older backup a key that was taken back is good still.
TEST_F(BackupsTest, AChangeOfKeysIsSavedAtOnce) {
  write("a");
  ASSERT_TRUE(look());
  store::ApiKeys keys(*database);
  store::ApiKeyRow key{"key_id_1", {1}, "", "read", "", true, 1, 0, 0, 0, 0};
  keys.put(key);
  EXPECT_TRUE(look());
  keys.used(key.id, 5);
  EXPECT_FALSE(look()) << "that it is used is no change";
  key.active = false;
  keys.put(key);
  EXPECT_TRUE(look());
  keys.remove(key.id);
  EXPECT_TRUE(look());
  EXPECT_FALSE(look());
}

TEST_F(BackupsTest, AnAccountThatWasLinkedIsSavedAtOnce) {
  write("a");
  ASSERT_TRUE(look());
  store::Credentials credentials;
  credentials.linked_ms = 5;
  store::CredentialsTable(*database, table.find("a")->id).save(credentials);
  EXPECT_TRUE(look());
  EXPECT_FALSE(look());
}

TEST_F(BackupsTest, ACleanStopMakesOneIfTheLastIsNotFresh) {
  write("a");
  backups.finish();
  const auto first = store::backup_time(path);
  ASSERT_GT(first, 0);
  age(2 * kHour);
  backups.finish();
  EXPECT_GE(store::backup_time(path), first);
  const auto second = store::backup_time(path);
  backups.finish();
  EXPECT_EQ(store::backup_time(path), second);
}

TEST_F(BackupsTest, NoneIsMadeWhileTheDiskFails) {
  write("a");
  health.failed(fail(Cause::storage, "full"), 1);
  EXPECT_FALSE(look());
  backups.finish();
  EXPECT_EQ(store::backup_time(path), 0);
}

TEST_F(BackupsTest, AFailureIsToldAndTheNextLookTriesAgain) {
  write("a");
  const auto in_the_way = store::backup_file_of(path) + "-new/x";
  std::filesystem::create_directories(in_the_way);
  ASSERT_TRUE(look());
  EXPECT_FALSE(health.state().backup_error.empty());
  std::filesystem::remove_all(store::backup_file_of(path) + "-new");
  ASSERT_TRUE(look());
  EXPECT_TRUE(health.state().backup_error.empty());
}

}  // namespace
}  // namespace pigeond::gateway
