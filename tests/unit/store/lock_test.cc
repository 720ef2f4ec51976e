// One process has a database, whichever way another one comes to the file. The others are asked in children
// that were there before the lock was taken: they share no descriptor with it.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "store/database/connection.h"
#include "store/database/database.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class LockTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  const std::string path = folder.file("p.db");

  // What another process is told that opens `other` while this one has `path`; "opened" if nothing.
  std::string told_of(const std::string& other) {
    int ask[2], answer[2];
    if (pipe(ask) != 0 || pipe(answer) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
      char go = 0;
      if (read(ask[0], &go, 1) != 1) _exit(1);
      const auto opened = Database::open(other);
      const std::string said = opened ? "opened" : opened.error().detail;
      _exit(write(answer[1], said.data(), said.size()) > 0 ? 0 : 1);
    }
    const auto ours = Database::open(path);
    EXPECT_TRUE(ours.ok()) << ours.error().detail;
    char text[512] = {};
    EXPECT_EQ(write(ask[1], "x", 1), 1);
    const auto size = read(answer[0], text, sizeof text - 1);
    waitpid(child, nullptr, 0);
    for (const int end : {ask[0], ask[1], answer[0], answer[1]}) close(end);
    return size > 0 ? text : "nothing";
  }
  void make() { ASSERT_TRUE(Database::open(path).ok()); }
};

TEST_F(LockTest, AnotherProcessIsRefusedByName) {
  EXPECT_NE(told_of(path).find("another pigeond"), std::string::npos);
}

TEST_F(LockTest, ASymbolicLinkLeadsToTheSameLock) {
  make();
  std::filesystem::create_symlink(path, folder.file("link.db"));
  EXPECT_NE(told_of(folder.file("link.db")).find("another pigeond"), std::string::npos);
}

TEST_F(LockTest, AHardLinkIsTheSameFile) {
  make();
  std::filesystem::create_directory(folder.file("elsewhere"));
  std::filesystem::create_hard_link(path, folder.file("elsewhere/q.db"));
  const auto told = told_of(folder.file("elsewhere/q.db"));
  EXPECT_NE(told.find("another pigeond"), std::string::npos) << told;
  EXPECT_NE(told.find("elsewhere/q.db"), std::string::npos) << told;
}

TEST_F(LockTest, AFileThatIsMountedElsewhereIsTheSameFile) {
  make();
  const auto mounted = folder.file("mounted.db");
  std::ofstream(mounted).flush();
  if (mount(path.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0)
    GTEST_SKIP() << "may not mount here";
  const auto told = told_of(mounted);
  EXPECT_EQ(umount(mounted.c_str()), 0);
  EXPECT_NE(told.find("another pigeond"), std::string::npos) << told;
}

TEST_F(LockTest, ASecondNameInTheSameProcessIsRefusedAndTheFirstKeepsItsLock) {
  make();
  const auto ours = Database::open(path);
  std::filesystem::create_hard_link(path, folder.file("q.db"));
  EXPECT_FALSE(Database::open(folder.file("q.db")));
  SessionTable(**ours).create({0, "a", "{}", true, 1});
  EXPECT_FALSE((*ours)->failed());
}

TEST_F(LockTest, WhatLiesBesideTheFileLiesBesideTheOneThatALinkLeadsTo) {
  make();
  std::filesystem::create_directory(folder.file("links"));
  std::filesystem::create_symlink("../p.db", folder.file("links/l.db"));
  auto lock = DatabaseLock::take(folder.file("links/l.db"));
  ASSERT_TRUE(lock);
  EXPECT_EQ(lock->path(), path);
}

TEST_F(LockTest, WhatIsNoFileIsRefusedAndNothingIsMadeBesideIt) {
  const auto pipe = folder.file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto opened = Database::open(pipe);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find(pipe), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(pipe + ".lock"));
}

TEST_F(LockTest, TheLockGoesWithTheDatabaseAndNotBefore) {
  auto database = Database::open(path);
  (*database)->close(fail(Cause::storage, "for a test"));
  EXPECT_FALSE(Database::open(path));
  database->reset();
  EXPECT_TRUE(Database::open(path));
}

TEST_F(LockTest, AReaderCanNeitherWriteNorCheckpoint) {
  const auto database = std::move(*Database::open(path));
  SessionTable(*database).create({0, "a", "{}", true, 1});
  const auto log = std::filesystem::file_size(path + "-wal");
  ASSERT_GT(log, 0u);
  {
    const auto reader = connect_reader(path);
    ASSERT_TRUE(reader);
    EXPECT_FALSE(execute(reader->get(), "DELETE FROM session", "write"));
    ASSERT_TRUE(execute(reader->get(), "PRAGMA query_only=OFF", "pragma"));
    EXPECT_FALSE(execute(reader->get(), "DELETE FROM session", "write"));
    const auto before = std::filesystem::file_size(path);
    (void)execute(reader->get(), "PRAGMA wal_checkpoint(TRUNCATE)", "checkpoint");
    EXPECT_EQ(std::filesystem::file_size(path), before);
  }
  EXPECT_EQ(std::filesystem::file_size(path + "-wal"), log);
}

TEST_F(LockTest, TwoConnectionsThatWriteEndTheProgram) {
  const auto lock = DatabaseLock::take(path);
  ASSERT_TRUE(lock);
  const auto first = connect_writer(*lock);
  ASSERT_TRUE(first);
  EXPECT_DEATH((void)connect_writer(*lock), "");
}

}  // namespace
}  // namespace pigeond::store
