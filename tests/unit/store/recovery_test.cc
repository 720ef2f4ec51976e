// The way back from a damaged file, with real files and real damage.
#include "store/database/recovery.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/account/credentials.h"
#include "store/account/groups.h"
#include "store/account/signal_rows.h"
#include "store/database/backup.h"
#include "store/database/database.h"
#include "store/database/trouble.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

constexpr Millis kNow = 1700000000000;  // 2023-11-14 22:13:20 UTC
const std::atomic<bool> kGoOn{false};

class RecoveryTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  const std::string path = folder.file("p.db");

  // A process that writes and ends cleanly.
  void fill(int sessions, const std::string& prefix = "s") {
    auto database = must_open();
    SessionTable table(*database);
    database->begin();
    for (int i = 0; i < sessions; ++i) {
      const auto id = table.create({0, prefix + std::to_string(i), std::string(2000, 'x'), true, 1});
      SignalRows(*database, id).save_session("111", 0, Bytes(1000, 7));
    }
    ASSERT_TRUE(database->commit());
  }
  std::unique_ptr<Database> must_open() {
    auto opened = Database::open(path);
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  std::size_t count() { return SessionTable(*must_open()).all().size(); }
  // As after a process that was killed.
  void make_unclean() { std::ofstream(path + "-wal", std::ios::app).flush(); }
  void damage() {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kPageBytes);
    file << std::string(16384, '\xee');
  }
  Recovery must_recover() {
    auto recovery = recover(path, kNow);
    EXPECT_TRUE(recovery) << recovery.error().detail;
    return recovery ? *recovery : Recovery{};
  }
};

TEST_F(RecoveryTest, ACleanStopNeedsNoCheck) {
  EXPECT_FALSE(must_recover().checked) << "there is no file yet";
  fill(3);
  const auto recovery = must_recover();
  EXPECT_FALSE(recovery.checked);
  EXPECT_FALSE(recovery.restored);
}

TEST_F(RecoveryTest, AKilledProcessIsFollowedByACheckThatKeepsItsRows) {
  fill(3);
  const pid_t child = fork();
  if (child == 0) {
    auto database = Database::open(path);
    SessionTable(**database).create({0, "last", "{}", true, 1});
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  const auto recovery = must_recover();
  EXPECT_TRUE(recovery.checked);
  EXPECT_FALSE(recovery.restored);
  EXPECT_EQ(count(), 4u);
}

TEST_F(RecoveryTest, ADamagedFileIsKeptAsideAndTheBackupTakesItsPlace) {
  fill(20);
  ASSERT_TRUE(write_backup(path, kGoOn));
  fill(10, "later");
  damage();
  make_unclean();
  const auto recovery = must_recover();
  EXPECT_TRUE(recovery.checked);
  ASSERT_TRUE(recovery.restored);
  EXPECT_FALSE(recovery.reason.empty());
  EXPECT_EQ(recovery.damaged, path + ".damaged-20231114T221320Z");
  EXPECT_EQ(recovery.backup_time, backup_time(path));
  EXPECT_TRUE(std::filesystem::exists(recovery.damaged));
  EXPECT_TRUE(std::filesystem::exists(recovery.damaged + "-wal"));
  EXPECT_EQ(count(), 20u);
  EXPECT_FALSE(must_recover().restored) << "once";
}

TEST_F(RecoveryTest, OfDamagedFilesTheNewestTwoAreKept) {
  fill(2);
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::vector<std::string> kept;
  for (const Millis wall : {kNow, kNow + kDay, kNow + 2 * kDay, Millis{0}}) {  // the last by a wrong clock
    std::ofstream(path, std::ios::trunc) << std::string(8192, 'x');
    make_unclean();
    const auto recovery = recover(path, wall);
    ASSERT_TRUE(recovery && recovery->restored);
    kept.push_back(recovery->damaged);
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(std::filesystem::exists(kept[i]), i >= 2) << kept[i];
    EXPECT_EQ(std::filesystem::exists(kept[i] + "-wal"), i >= 2) << kept[i];
  }
}

TEST_F(RecoveryTest, AFileThatIsNoDatabaseIsFoundAfterACleanStopToo) {
  fill(2);
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::ofstream(path, std::ios::trunc) << std::string(8192, 'x');
  EXPECT_TRUE(must_recover().restored);
  EXPECT_EQ(count(), 2u);
}

TEST_F(RecoveryTest, AnEmptyOrMissingFileWithABackupIsRestored) {
  fill(2);
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::filesystem::resize_file(path, 0);
  EXPECT_EQ(must_recover().reason, "it is empty");
  EXPECT_EQ(count(), 2u);
  std::filesystem::remove(path);
  EXPECT_EQ(must_recover().reason, "it is missing");
  EXPECT_EQ(count(), 2u);
}

TEST_F(RecoveryTest, AFileThatIsGoneForAMomentIsNotTheFirstStart) {
  auto lock = DatabaseLock::take(path);
  ASSERT_TRUE(lock);
  const auto refused = recover(*lock, kNow, "a page is damaged");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_damage(refused.error()));
  EXPECT_TRUE(recover(*lock, kNow)) << "a process that begins";
}

TEST_F(RecoveryTest, WithoutASoundBackupNothingIsTouched) {
  fill(20);
  damage();
  make_unclean();
  const auto size = std::filesystem::file_size(path);
  auto refused = recover(path, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::storage);
  EXPECT_NE(refused.error().detail.find(path + ".backup"), std::string::npos) << refused.error().detail;
  std::filesystem::copy_file(path, backup_file_of(path));
  refused = recover(path, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(std::filesystem::file_size(path), size);
  EXPECT_FALSE(std::filesystem::exists(path + ".damaged-20231114T221320Z"));
}

TEST_F(RecoveryTest, ARestoreThatWasInterruptedIsFinished) {
  fill(2);
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::filesystem::copy_file(backup_file_of(path), path + ".restored");
  std::filesystem::remove(path);  // as between its last two steps
  make_unclean();
  EXPECT_TRUE(must_recover().restored);
  EXPECT_FALSE(std::filesystem::exists(path + ".restored"));
  EXPECT_EQ(count(), 2u);
}

TEST_F(RecoveryTest, NoRatchetOrPreKeyOfTheBackupIsUsedAgain) {
  fill(1);
  {
    auto database = must_open();
    const auto id = SessionTable(*database).find("s0")->id;
    Credentials credentials;
    credentials.next_pre_key_id = 813;
    credentials.pre_keys_on_server = true;
    credentials.pn = *wire::parse_jid("491510000001:7@s.whatsapp.net");
    credentials.lid = *wire::parse_jid("4711:7@lid");
    CredentialsTable(*database, id).save(credentials);
    SignalRows rows(*database, id);
    rows.save_identity("111", 0, Bytes(32, 1));
    rows.save_pre_key({812, {}, true});
    rows.save_signed_pre_key({3, {}, {}, 5});
    for (const char* name : {"own", "4711", "49151000000", "222"})
      rows.save_sender_key("1@g.us", name, 7, Bytes(1, 1));
    database
        ->prepare(
            "INSERT INTO outbox (session_id, seq, id, chat, stanza, phash, created_ms) VALUES (?, 1, 'A', "
            "'c', "
            "x'01', 'p', 1)")
        .bind(id)
        .run();
    ASSERT_FALSE(database->failed()) << database->failure().detail;
  }
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::filesystem::resize_file(path, 0);
  ASSERT_TRUE(must_recover().restored);
  auto database = must_open();
  const auto id = SessionTable(*database).find("s0")->id;
  SignalRows rows(*database, id);
  EXPECT_FALSE(rows.has_session("111", 0));
  EXPECT_TRUE(rows.identity("111", 0));
  EXPECT_FALSE(rows.pre_key(812));
  EXPECT_TRUE(rows.signed_pre_key(3));
  EXPECT_FALSE(rows.sender_key("1@g.us", "own", 7));
  for (const char* name : {"4711", "49151000000", "222"})
    EXPECT_TRUE(rows.sender_key("1@g.us", name, 7)) << name;
  const auto credentials = CredentialsTable(*database, id).load();
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->next_pre_key_id, 1000813u);
  EXPECT_FALSE(credentials->pre_keys_on_server);
  auto outbox = database->prepare("SELECT id, stanza FROM outbox");
  ASSERT_TRUE(outbox.step());
  EXPECT_EQ(outbox.text(0), "A");
  EXPECT_TRUE(outbox.is_null(1)) << "its ciphertexts are of sessions that are gone";
}

TEST_F(RecoveryTest, WhoIsInAGroupIsNotBelievedOfABackup) {
  fill(1);
  GroupRow group;
  group.jid = *wire::parse_jid("1@g.us");
  {
    auto database = must_open();
    Groups(*database, SessionTable(*database).find("s0")->id).save(group);
    ASSERT_FALSE(database->failed()) << database->failure().detail;
  }
  ASSERT_TRUE(write_backup(path, kGoOn));
  std::filesystem::resize_file(path, 0);
  ASSERT_TRUE(must_recover().restored);
  auto database = must_open();
  const auto row = Groups(*database, SessionTable(*database).find("s0")->id).find(group.jid);
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->stale) << "somebody may have been removed since";
  EXPECT_TRUE(row->present);
}

TEST_F(RecoveryTest, ABackupIsTakenBesideTheWriterAndHoldsWhatIsCommitted) {
  auto database = must_open();
  SessionTable table(*database);
  table.create({0, "committed", "{}", true, 1});
  database->begin();
  table.create({0, "not yet", "{}", true, 1});
  ASSERT_TRUE(write_backup(path, kGoOn));
  ASSERT_TRUE(database->commit());
  database.reset();
  EXPECT_EQ(std::filesystem::status(backup_file_of(path)).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::resize_file(path, 0);
  ASSERT_TRUE(must_recover().restored);
  EXPECT_EQ(count(), 1u);
}

TEST_F(RecoveryTest, ABackupOfADamagedFileLeavesTheOneBefore) {
  fill(20);
  ASSERT_TRUE(write_backup(path, kGoOn));
  const auto before = backup_time(path);
  damage();
  EXPECT_FALSE(write_backup(path, kGoOn));
  EXPECT_EQ(backup_time(path), before);
  EXPECT_FALSE(std::filesystem::exists(backup_file_of(path) + "-new"));
}

TEST_F(RecoveryTest, ABackupThatIsCancelledLeavesNothing) {
  fill(200);
  const std::atomic<bool> cancelled{true};
  const auto done = write_backup(path, cancelled);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.cause(), Cause::cancelled);
  EXPECT_EQ(backup_time(path), 0);
  EXPECT_FALSE(std::filesystem::exists(backup_file_of(path) + "-new"));
}

// The kernel refuses to let files grow, as a full disk does: in a child, as the limit is the process's.
TEST_F(RecoveryTest, AFullDiskUndoesTheUnitOfWorkAndItsEndLetsItGoOn) {
  fill(1);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto database = Database::open(path);
    SessionTable table(**database);
    const auto add = [&](const char* name) {
      (*database)->begin();
      table.create({0, name, std::string(300000, 'x'), true, 1});
      return (*database)->commit();
    };
    const rlimit small{100000, RLIM_INFINITY}, large{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto refused = add("refused");
    const bool backup_refused = !write_backup(path, kGoOn) || backup_time(path) != 0;
    setrlimit(RLIMIT_FSIZE, &large);
    const bool good = !refused && refused.cause() == Cause::storage && backup_refused && add("accepted");
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_FALSE(must_recover().restored);
  EXPECT_EQ(count(), 2u);
}

}  // namespace
}  // namespace pigeond::store
