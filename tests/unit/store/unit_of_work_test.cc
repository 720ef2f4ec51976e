#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/database/database.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class UnitOfWork : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::unique_ptr<Database> database = std::move(Database::open(folder.file("pigeond.db")).value());
  SessionTable sessions{*database};

  std::int64_t add(const std::string& name) { return sessions.create({0, name, "{}", true, 1}); }
};

TEST_F(UnitOfWork, AllOfItIsCommittedAtOnce) {
  const auto before = database->commits();
  database->begin();
  for (const char* name : {"a", "b", "c"}) add(name);
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(database->commits(), before + 1);
  EXPECT_EQ(sessions.all().size(), 3u);
}

TEST_F(UnitOfWork, NoneOfItStaysAfterARollback) {
  database->begin();
  add("a");
  database->rollback();
  EXPECT_TRUE(sessions.all().empty());
}

TEST_F(UnitOfWork, WhatItHadWrittenIsToldAsLostWhenTheFileIsLetGo) {
  database->begin();
  add("a");
  database->close(fail(Cause::storage, "damaged"));
  Status done = database->commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "damaged");
  database->begin();
  EXPECT_TRUE(database->commit()) << "the next one has lost nothing";
  database->begin();
  add("b");
  database->close(fail(Cause::storage, "still damaged"));
  EXPECT_FALSE(database->commit()) << "nor did what failed before succeed";
  ASSERT_TRUE(database->reopen());
  EXPECT_TRUE(sessions.all().empty());
}

TEST_F(UnitOfWork, ReadingAloneCommitsNothing) {
  add("a");
  const auto before = database->commits();
  for (int i = 0; i < 5; ++i) {
    database->begin();
    EXPECT_EQ(sessions.all().size(), 1u);
    ASSERT_TRUE(database->commit().ok());
  }
  EXPECT_EQ(database->commits(), before);
}

TEST_F(UnitOfWork, AWriteThatChangesNoRowCommitsNothing) {
  const auto id = add("a");
  const auto before = database->commits();
  database->begin();
  sessions.set_life(id, true, 0);
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(database->commits(), before);
}

TEST_F(UnitOfWork, ItIsChangedByAWriteAndNotByReading) {
  database->begin();
  EXPECT_EQ(sessions.all().size(), 0u);
  EXPECT_FALSE(database->changed());
  add("a");
  EXPECT_TRUE(database->changed());
  ASSERT_TRUE(database->commit().ok());
  EXPECT_FALSE(database->changed());
}

TEST_F(UnitOfWork, ItReadsItsOwnWrites) {
  database->begin();
  const auto id = add("a");
  sessions.set_config(id, "{\"x\":1}");
  EXPECT_EQ(sessions.find("a")->config, "{\"x\":1}");
  ASSERT_TRUE(database->commit().ok());
}

TEST_F(UnitOfWork, TheFirstErrorSticksAndUndoesEverything) {
  add("taken");
  database->begin();
  add("a");
  add("taken");
  EXPECT_TRUE(database->failed());
  EXPECT_EQ(database->failure().code, SQLITE_CONSTRAINT_UNIQUE);
  add("b");
  EXPECT_TRUE(sessions.all().empty()) << "steps after an error do nothing";
  const Status done = database->commit();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.cause(), Cause::storage);
  EXPECT_EQ(done.error().code, SQLITE_CONSTRAINT_UNIQUE);
  const auto rows = sessions.all();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].name, "taken");
}

TEST_F(UnitOfWork, TheNextOneStartsClean) {
  database->begin();
  add("a");
  add("a");
  ASSERT_FALSE(database->commit().ok());
  database->begin();
  EXPECT_FALSE(database->failed());
  add("a");
  EXPECT_TRUE(database->commit().ok());
  EXPECT_EQ(sessions.all().size(), 1u);
}

TEST_F(UnitOfWork, ABrokenForeignKeyFails) {
  database->begin();
  database->prepare("INSERT INTO lid_mapping VALUES (?, ?, ?)").bind(99).bind("1").bind("2").run();
  EXPECT_FALSE(database->commit().ok());
}

TEST_F(UnitOfWork, AStatementThatDoesNotCompileFails) {
  database->begin();
  EXPECT_FALSE(database->prepare("SELECT nothing FROM nowhere").bind(1).step());
  EXPECT_FALSE(database->commit().ok());
}

TEST_F(UnitOfWork, WhatTheCallerFindsWrongFailsItToo) {
  database->begin();
  add("a");
  database->fail_unit(fail(Cause::storage, "nonsense"));
  const Status done = database->commit();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().detail, "nonsense");
  EXPECT_TRUE(sessions.all().empty());
}

TEST_F(UnitOfWork, AFullDiskUndoesItAndLaterOnesWorkAgain) {
  add("before");
  auto pages = database->prepare("PRAGMA page_count");
  ASSERT_TRUE(pages.step());
  const auto limit = pages.integer(0) + 3;
  ASSERT_TRUE(database->prepare("PRAGMA max_page_count = " + std::to_string(limit)).step());
  database->begin();
  for (int i = 0; i < 200 && !database->failed(); ++i) {
    sessions.create({0, "s" + std::to_string(i), std::string(3000, 'x'), true, 1});
  }
  const Status done = database->commit();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, SQLITE_FULL);
  EXPECT_EQ(sessions.all().size(), 1u);
  ASSERT_TRUE(database->prepare("PRAGMA max_page_count = 1000000").step());
  database->begin();
  add("after");
  EXPECT_TRUE(database->commit().ok());
  EXPECT_EQ(sessions.all().size(), 2u);
}

TEST_F(UnitOfWork, TheSameTextCanBePreparedWhileItIsAtWork) {
  for (const char* name : {"a", "b", "c"}) add(name);
  auto outer = database->prepare("SELECT name FROM session ORDER BY name");
  std::string seen;
  while (outer.step()) {
    auto inner = database->prepare("SELECT name FROM session ORDER BY name");
    ASSERT_TRUE(inner.step());
    seen += outer.text(0) + inner.text(0);
  }
  EXPECT_EQ(seen, "aabaca");
}

TEST_F(UnitOfWork, ValuesComeBackAsTheyWereBound) {
  const Bytes blob = {0, 1, 0xff};
  const std::string text("a\0b", 3);
  auto row = database->prepare("SELECT ?, ?, ?, ?, ?, ?, ?");
  row.bind(INT64_MIN).bind(text).bind(blob).bind_null().bind(ByteView()).bind(std::string_view());
  ASSERT_TRUE(row.bind(std::optional<std::int64_t>()).step());
  EXPECT_EQ(row.integer(0), INT64_MIN);
  EXPECT_EQ(row.text(1), text);
  EXPECT_EQ(row.blob(2), blob);
  EXPECT_TRUE(row.is_null(3));
  EXPECT_FALSE(row.is_null(4)) << "an empty blob is not NULL";
  EXPECT_TRUE(row.blob(4).empty());
  EXPECT_FALSE(row.is_null(5));
  EXPECT_TRUE(row.is_null(6));
}

TEST_F(UnitOfWork, AReusedStatementForgetsItsValues) {
  { ASSERT_TRUE(database->prepare("SELECT ?").bind(7).step()); }
  auto row = database->prepare("SELECT ?");
  ASSERT_TRUE(row.step());
  EXPECT_TRUE(row.is_null(0));
}

}  // namespace
}  // namespace pigeond::store
