// Parts of a unit of work that fail alone.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/database/database.h"
#include "store/database/trouble.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class Parts : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::unique_ptr<Database> database = std::move(Database::open(folder.file("pigeond.db")).value());
  SessionTable sessions{*database};

  std::int64_t add(const std::string& name) { return sessions.create({0, name, "{}", true, 1}); }
  std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& row : sessions.all()) out.push_back(row.name);
    return out;
  }
};

TEST_F(Parts, WhatOneBreaksIsNotThereAndAllElseIs) {
  database->begin();
  add("before");
  database->begin_part();
  add("broken");
  add("broken");  // the name is taken
  EXPECT_TRUE(database->failed());
  EXPECT_EQ(names(), std::vector<std::string>{});  // nothing of it does anything any more
  const Status stands = database->end_part();
  ASSERT_FALSE(stands);
  EXPECT_EQ(stands.error().code & 0xff, SQLITE_CONSTRAINT);
  EXPECT_FALSE(database->failed());
  database->begin_part();
  add("after");
  EXPECT_TRUE(database->end_part());
  add("broken");  // and its name is free
  ASSERT_TRUE(database->commit());
  EXPECT_EQ(names(), (std::vector<std::string>{"after", "before", "broken"}));
}

TEST_F(Parts, WhatWasUndoneCountsAsNoChangeAndNoCommit) {
  const auto before = database->commits();
  database->begin();
  database->begin_part();
  add("a");
  database->fail_unit(fail(Cause::storage, "a stored JID does not parse"));
  EXPECT_FALSE(database->end_part());
  EXPECT_EQ(database->rows_changed(), 0);
  ASSERT_TRUE(database->commit());
  EXPECT_EQ(database->commits(), before);
}

TEST_F(Parts, AValueThatMakesNoSenseFailsThePartThatReadIt) {
  database->begin();
  database->begin_part();
  add("a");
  database->fail_unit(fail(Cause::storage, "a stored JID does not parse"));
  EXPECT_EQ(database->failure().detail, "a stored JID does not parse");
  EXPECT_FALSE(database->end_part());
  ASSERT_TRUE(database->commit());
  EXPECT_TRUE(names().empty());
  database->begin();
  add("b");
  database->fail_unit(fail(Cause::storage, "outside of any"));
  EXPECT_FALSE(database->commit());
  EXPECT_TRUE(names().empty());
}

TEST_F(Parts, TroubleOfTheDiskIsEverybodysMatter) {
  database->begin();
  add("before");
  database->begin_part();
  add("a");
  database->fail_unit(fail(Cause::storage, "disk I/O error", SQLITE_IOERR_WRITE));
  EXPECT_TRUE(database->end_part());  // not what the part did wrong
  EXPECT_TRUE(database->failed());
  const Status committed = database->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, SQLITE_IOERR_WRITE);
  EXPECT_TRUE(names().empty());
}

TEST_F(Parts, OneThatWritesNothingCostsNothing) {
  const auto commits = database->commits();
  database->begin();
  database->begin_part();
  EXPECT_TRUE(names().empty());
  EXPECT_TRUE(database->end_part());
  EXPECT_FALSE(database->changed());
  EXPECT_TRUE(database->commit());
  EXPECT_EQ(database->commits(), commits);
}

TEST_F(Parts, WhatIsEverybodysMatter) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB,
                         SQLITE_READONLY, SQLITE_NOMEM, SQLITE_CANTOPEN})
    EXPECT_TRUE(concerns_all(fail(Cause::storage, "", code))) << code;
  for (const int code :
       {0, SQLITE_CONSTRAINT_CHECK, SQLITE_CONSTRAINT_UNIQUE, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_ERROR})
    EXPECT_FALSE(concerns_all(fail(Cause::storage, "", code))) << code;
  EXPECT_FALSE(concerns_all(fail(Cause::io, "", SQLITE_FULL)));
  EXPECT_TRUE(is_damage(fail(Cause::storage, "", SQLITE_CORRUPT)));
  EXPECT_FALSE(is_damage(fail(Cause::storage, "", SQLITE_FULL)));
}

}  // namespace
}  // namespace pigeond::store
