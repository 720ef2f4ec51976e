// The record of healing steps: which outcome each of them gets.
#include "gateway/session/health_log.h"

#include <gtest/gtest.h>

#include "store/sessions.h"

namespace pigeond::gateway {
namespace {

class HealthLogTest : public testing::Test {
 protected:
  HealthLogTest() {
    database = std::move(*store::Database::open(":memory:"));
    database->begin();
    session = store::SessionTable(*database).create({0, "a", "{}", true, 1});
    log.emplace(*database, session);
  }
  ~HealthLogTest() override { database->rollback(); }

  void acknowledged() { log->ended({2, 2}, {1, "ok", {}, 0, 1}); }
  std::string outcome() {
    return shown_steps(*database, session, log->open_steps(), log->newest_step()).front().outcome;
  }

  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  std::optional<HealthLog> log;
  const Error why = fail(Cause::bad_request, "refused", 400);
};

TEST_F(HealthLogTest, ARestartThatIsOnlyPlannedIsNobodysMerit) {
  log->restart_planned({1, 1}, why);
  acknowledged();
  EXPECT_EQ(outcome(), "pending");
  log->restart_called_off();
  EXPECT_EQ(outcome(), "called_off");
}

TEST_F(HealthLogTest, ASuccessAfterTheRestartIsItsMerit) {
  log->restart_planned({1, 1}, why);
  log->restarted();
  acknowledged();
  EXPECT_EQ(outcome(), "healed");
  log->restart_called_off();
  EXPECT_EQ(outcome(), "healed") << "an outcome is final";
}

TEST_F(HealthLogTest, ThatOneRestartTookPlaceSaysNothingOfTheNext) {
  log->restart_planned({1, 1}, why);
  log->restarted();
  log->restart_planned({3, 3}, why);
  acknowledged();
  EXPECT_EQ(outcome(), "pending");
}

}  // namespace
}  // namespace pigeond::gateway
