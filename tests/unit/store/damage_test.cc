// A page of the database goes bad: whichever it is, whatever stands in it then, and whenever it shows, the
// database is whole again afterwards, with the rows of the backup.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "store/database/backup.h"
#include "store/database/database.h"
#include "store/database/recovery.h"
#include "store/database/trouble.h"
#include "unit/store/sample.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

constexpr Millis kNow = 1700000000000;
constexpr std::size_t kPage = kPageBytes;
const std::atomic<bool> kGoOn{false};

// A page takes most of a second under sanitizers, and under an emulator. Of the two builds that all tests are
// run in each takes every other page; a native build takes all.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif
#if defined(__aarch64__)
constexpr bool kArm64 = true;
#else
constexpr bool kArm64 = false;
#endif
constexpr std::size_t kFirst = kSanitized ? 0 : kArm64 ? 1 : 0;
constexpr std::size_t kStep = kSanitized || kArm64 ? 2 : 1;

class DamageTest : public testing::TestWithParam<const char*> {
 protected:
  DamageTest() {
    {
      auto database = std::move(*Database::open(path));
      fill_sample(*database);
      EXPECT_FALSE(database->failed()) << database->failure().detail;
    }
    EXPECT_TRUE(write_backup(path, kGoOn));
    std::filesystem::copy_file(path, sound);
    pages = std::filesystem::file_size(path) / kPage;
  }

  void damage(std::size_t page) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(page * kPage));
    const Bytes bytes = GetParam() == std::string("zeros") ? Bytes(kPage, 0) : random.bytes(kPage);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(kPage));
  }
  void start_over() {
    for (const auto& entry : std::filesystem::directory_iterator(folder.file("")))
      if (entry.path() != sound && entry.path() != backup_file_of(path)) std::filesystem::remove(entry);
    std::filesystem::copy_file(sound, path);
  }
  // Reads, adds and removes rows in each tree, and takes that back; what was wrong.
  Status use(Database& database) {
    database.begin();
    read_everything(database);
    if (!database.failed()) add_to_everything(database, 99);
    if (!database.failed()) delete_everything(database);
    Status out;
    if (database.failed()) out = database.failure();
    database.rollback();
    return out;
  }
  // As the process does it while it runs.
  void heal(Database& database, const Error& why) {
    ASSERT_TRUE(is_damage(why)) << why.detail << " " << why.code;
    database.close(why);
    const auto recovery = recover(database.lock(), kNow, why.detail);
    ASSERT_TRUE(recovery) << recovery.error().detail;
    EXPECT_TRUE(recovery->restored) << why.detail;
    const auto opened = database.reopen();
    ASSERT_TRUE(opened) << opened.error().detail;
  }

  // What a page holds besides a tree's structure, a random one may hold as well: nobody can tell.
  void expect_usable(Database& database, std::size_t page, int& restored) {
    const auto used = use(database);
    if (used) return;
    heal(database, used.error());
    ++restored;
    const auto again = use(database);
    ASSERT_TRUE(again) << page << ": " << again.error().detail;
    EXPECT_EQ(integrity(database), "ok") << page;
  }

  TemporaryFolder folder{TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db"), sound = folder.file("sound");
  std::size_t pages = 0;
  SeededRandom random{7};
};

TEST_P(DamageTest, AnyPageWhileTheProgramIsOff) {
  ASSERT_GT(pages, 30u);
  int restored = 0;
  for (std::size_t page = kFirst; page < pages; page += kStep) {
    start_over();
    damage(page);
    auto lock = DatabaseLock::take(path);
    ASSERT_TRUE(lock);
    const auto recovery = recover(*lock, kNow);
    ASSERT_TRUE(recovery) << page << ": " << recovery.error().detail;
    restored += recovery->restored ? 1 : 0;
    auto opened = Database::open(std::move(*lock));
    ASSERT_TRUE(opened) << page << ": " << opened.error().detail;
    expect_usable(**opened, page, restored);
  }
  EXPECT_GT(restored, static_cast<int>(pages / kStep * 2 / 3))
      << "few pages are free, or hold nothing but bytes";
}

TEST_P(DamageTest, AnyPageWhileItRuns) {
  int restored = 0;
  for (std::size_t page = kFirst; page < pages; page += kStep) {
    start_over();
    auto database = std::move(*Database::open(path));
    damage(page);
    expect_usable(*database, page, restored);
  }
  EXPECT_GT(restored, static_cast<int>(pages / kStep * 2 / 3));
}

TEST_P(DamageTest, ABackupOfItIsNeverPutOverTheGoodOne) {
  const auto good = std::filesystem::last_write_time(backup_file_of(path));
  int refused = 0;
  for (std::size_t page = kFirst; page < pages; page += kStep) {
    start_over();
    damage(page);
    const auto made = write_backup(path, kGoOn);
    if (!made) {
      ++refused;
      EXPECT_TRUE(is_damage(made.error())) << page << ": " << made.error().detail;
      EXPECT_EQ(std::filesystem::last_write_time(backup_file_of(path)), good) << page;
      continue;
    }
    {
      auto copy = std::move(*Database::open(backup_file_of(path)));
      EXPECT_EQ(integrity(*copy), "ok") << page;
    }
    std::filesystem::copy_file(sound, backup_file_of(path),
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(backup_file_of(path), good);
  }
  EXPECT_GT(refused, 5);
}

TEST_P(DamageTest, WithoutABackupItIsSaidAndTheFileLeftAlone) {
  std::filesystem::remove(backup_file_of(path));
  damage(0);
  const auto refused = recover(path, kNow);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_damage(refused.error())) << refused.error().detail;
  EXPECT_EQ(std::filesystem::file_size(path), pages * kPage);
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("")))
    EXPECT_EQ(entry.path().string().find("restor"), std::string::npos) << entry.path();
}

TEST_P(DamageTest, ABackupThatCannotBeUsedLeavesNothingBehind) {
  {
    auto newer = std::move(*Database::open(backup_file_of(path)));
    newer->prepare("PRAGMA user_version = 9999").step();
  }
  damage(0);
  const auto refused = recover(path, kNow);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("newer"), std::string::npos) << refused.error().detail;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("")))
    EXPECT_EQ(entry.path().string().find("restor"), std::string::npos) << entry.path();
}

INSTANTIATE_TEST_SUITE_P(Filled, DamageTest, testing::Values("zeros", "random"),
                         [](const auto& with) { return std::string(with.param); });

TEST(TroubleTest, ResultCodesAreTheDisksTheFilesOrTheAskers) {
  const auto of = [](int code) { return trouble_of(fail(Cause::storage, "", code)); };
  EXPECT_EQ(of(13), Trouble::disk);               // SQLITE_FULL
  EXPECT_EQ(of(10 | (4 << 8)), Trouble::disk);    // SQLITE_IOERR_FSYNC
  EXPECT_EQ(of(8), Trouble::disk);                // SQLITE_READONLY
  EXPECT_EQ(of(7), Trouble::disk);                // SQLITE_NOMEM
  EXPECT_EQ(of(11 | (3 << 8)), Trouble::damage);  // SQLITE_CORRUPT_INDEX
  EXPECT_EQ(of(26), Trouble::damage);             // SQLITE_NOTADB
  EXPECT_EQ(of(19 | (8 << 8)), Trouble::other);   // SQLITE_CONSTRAINT_UNIQUE
  EXPECT_EQ(of(0), Trouble::other);
  EXPECT_EQ(trouble_of(fail(Cause::bad_input, "", 11)), Trouble::other);
}

}  // namespace
}  // namespace pigeond::store
