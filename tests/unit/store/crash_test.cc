// A process killed at any instant: what it said was committed is there, and no unit of work is there by half.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/account/lid_mappings.h"
#include "store/database/database.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

// Adds a session and a mapping in each unit of work, and tells each commit through the pipe.
[[noreturn]] void write_until_killed(const std::string& path, int pipe_end) {
  auto database = Database::open(path);
  if (!database) _exit(1);
  SessionTable sessions(**database);
  for (std::uint32_t i = static_cast<std::uint32_t>(sessions.all().size()) + 1;; ++i) {
    (*database)->begin();
    const auto id = sessions.create({0, std::to_string(i), std::string(i % 7 * 700, 'x'), true, 1});
    LidMappings(**database, id).put("L", std::to_string(i));
    if (!(*database)->commit()) _exit(1);
    if (write(pipe_end, &i, sizeof i) != sizeof i) _exit(1);
  }
}

TEST(Crash, AKilledWriterKeepsWhatItCommittedAndNothingByHalf) {
  TemporaryFolder folder;
  const std::string path = folder.file("pigeond.db");
  for (int round = 1; round <= 12; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) write_until_killed(path, ends[1]);
    close(ends[1]);
    std::uint32_t told = 0;
    for (int i = 0; i < round * 5; ++i)
      ASSERT_EQ(read(ends[0], &told, sizeof told), static_cast<ssize_t>(sizeof told));
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) continue;
    close(ends[0]);

    auto database = Database::open(path);
    ASSERT_TRUE(database.ok()) << database.error().detail;
    const auto rows = SessionTable(**database).all();
    EXPECT_GE(rows.size(), told);
    for (const SessionRow& row : rows) EXPECT_EQ(LidMappings(**database, row.id).pn_of("L"), row.name);
    auto check = (*database)->prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check.step());
    EXPECT_EQ(check.text(0), "ok");
  }
}

}  // namespace
}  // namespace pigeond::store
