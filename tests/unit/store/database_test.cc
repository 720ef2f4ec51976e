#include "store/database/database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/database/migrations.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

std::unique_ptr<Database> must_open(const std::string& path) {
  auto database = Database::open(path);
  EXPECT_TRUE(database.ok()) << (database ? "" : database.error().detail);
  return database ? std::move(*database) : nullptr;
}

std::size_t count(Database& database) {
  return SessionTable(database).all().size();
}

std::int64_t add(Database& database, const char* name) {
  return SessionTable(database).create({0, name, "{}", true, 1});
}

void raw_sql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

std::string pragma(Database& database, const char* sql) {
  auto row = database.prepare(sql);
  EXPECT_TRUE(row.step());
  return row.text(0);
}

class DatabaseTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string path = folder.file("pigeond.db");
};

TEST_F(DatabaseTest, ANewFileGetsTheWholeSchema) {
  auto database = must_open(path);
  EXPECT_EQ(database->schema_version(), static_cast<int>(migrations().size()));
  EXPECT_EQ(count(*database), 0u);
}

TEST_F(DatabaseTest, EveryCommitIsWrittenThrough) {
  auto database = must_open(path);
  EXPECT_EQ(pragma(*database, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(pragma(*database, "PRAGMA synchronous"), "2");
  EXPECT_EQ(pragma(*database, "PRAGMA foreign_keys"), "1");
}

TEST_F(DatabaseTest, TheFilesAreTheOwnersAlone) {
  auto database = must_open(path);
  add(*database, "a");
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status {};
    ASSERT_EQ(stat((path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 077, 0u) << suffix;
  }
}

TEST_F(DatabaseTest, MigrationNumbersCountUpFromOne) {
  int expected = 1;
  for (const Migration& migration : migrations()) EXPECT_EQ(migration.number, expected++);
  EXPECT_GT(expected, 1);
}

TEST_F(DatabaseTest, OpeningAgainKeepsWhatWasCommitted) {
  {
    auto database = must_open(path);
    database->begin();
    add(*database, "a");
    ASSERT_TRUE(database->commit().ok());
  }
  auto database = must_open(path);
  EXPECT_EQ(count(*database), 1u);
}

TEST_F(DatabaseTest, ANewerSchemaIsRefusedAndLeftAlone) {
  { must_open(path); }
  raw_sql(path, "PRAGMA user_version = 9999");
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.cause(), Cause::storage);
  EXPECT_NE(opened.error().detail.find("newer"), std::string::npos) << opened.error().detail;
  EXPECT_NE(opened.error().detail.find(path), std::string::npos);
  EXPECT_FALSE(Database::open_read_only(path).ok());
  raw_sql(path, "PRAGMA user_version = " + std::to_string(migrations().size()));
  EXPECT_NE(must_open(path), nullptr) << "the refusal must not keep the lock";
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheOldSchema) {
  raw_sql(path, "CREATE TABLE webhook_delivery (x)");  // the last table of the first migration is in the way
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("0001"), std::string::npos) << opened.error().detail;
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(handle, "SELECT * FROM session", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
}

TEST_F(DatabaseTest, AMissingFolderIsNamed) {
  const auto opened = Database::open(folder.file("missing/pigeond.db"));
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("No such file"), std::string::npos) << opened.error().detail;
  EXPECT_NE(opened.error().detail.find("missing/pigeond.db"), std::string::npos) << opened.error().detail;
}

TEST_F(DatabaseTest, AFolderInPlaceOfTheFileIsNamed) {
  std::filesystem::create_directory(path);
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find(path), std::string::npos) << opened.error().detail;
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  const std::string content(5000, 'x');
  std::ofstream(path) << content;
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, SQLITE_NOTADB);
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), content);
}

TEST_F(DatabaseTest, ASecondOpenIsRefusedUntilTheFirstIsClosed) {
  auto first = must_open(path);
  const auto second = Database::open(path);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().detail.find("another pigeond"), std::string::npos) << second.error().detail;
  first.reset();
  EXPECT_NE(must_open(path), nullptr);
}

TEST_F(DatabaseTest, ASecondProcessIsRefused) {
  auto first = must_open(path);
  const pid_t child = fork();
  if (child == 0) _exit(Database::open(path).ok() ? 1 : 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(DatabaseTest, AProcessThatDiesBeforeItsCommitChangesNothing) {
  {
    auto database = must_open(path);
    add(*database, "kept");
  }
  const pid_t child = fork();
  if (child == 0) {
    auto database = must_open(path);
    database->begin();
    add(*database, "lost");
    SessionTable(*database).remove(1);
    _exit(count(*database) == 1 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto database = must_open(path);
  const auto rows = SessionTable(*database).all();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].name, "kept");
}

TEST_F(DatabaseTest, AProcessThatDiesAfterItsCommitKeepsIt) {
  const pid_t child = fork();
  if (child == 0) {
    auto database = must_open(path);
    database->begin();
    add(*database, "kept");
    _exit(database->commit().ok() ? 0 : 1);  // no destructor: the write-ahead log stays as it is
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto database = must_open(path);
  EXPECT_EQ(count(*database), 1u);
}

TEST_F(DatabaseTest, AReaderSeesCommitsOnly) {
  auto database = must_open(path);
  auto reader = Database::open_read_only(path);
  ASSERT_TRUE(reader.ok());
  database->begin();
  add(*database, "a");
  EXPECT_EQ(count(*database), 1u);
  EXPECT_EQ(count(**reader), 0u);
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(count(**reader), 1u);
  database->begin();
  add(*database, "b");
  database->rollback();
  EXPECT_EQ(count(**reader), 1u);
}

TEST_F(DatabaseTest, AReaderCannotWriteAndReadsOnAfterTrying) {
  auto database = must_open(path);
  add(*database, "a");
  auto reader = Database::open_read_only(path);
  ASSERT_TRUE(reader.ok());
  add(**reader, "b");
  EXPECT_TRUE((*reader)->failed());
  EXPECT_EQ((*reader)->failure().cause, Cause::storage);
  EXPECT_EQ(count(**reader), 1u);
  EXPECT_FALSE((*reader)->failed());
}

TEST_F(DatabaseTest, AReaderOfAMissingFileIsRefused) {
  EXPECT_FALSE(Database::open_read_only(path).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace pigeond::store
