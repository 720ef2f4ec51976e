#include "store/messages/pruning.h"

#include <gtest/gtest.h>

#include "store/messages/messages.h"
#include "store/messages/retries.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class MessagePruning : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});

  void add(const std::string& id, std::int64_t timestamp) {
    MessageRow row;
    row.id = id;
    row.chat = row.sender = wire::pn("491510000002");
    row.timestamp = timestamp;
    row.type = "text";
    Messages(*database, session).insert(row);
  }
  std::string left() {
    std::string ids;
    auto row = database->prepare("SELECT id FROM message ORDER BY seq");
    while (row.step()) ids += row.text(0);
    return ids;
  }
};

TEST_F(MessagePruning, OldOnesGoInStepsWithTheirRecipients) {
  for (const char* id : {"a", "b", "c"}) add(id, 10);
  add("d", 100);
  Retries(*database, session).set_resent("a", wire::pn("491510000002"), {1, {}});
  Retries(*database, session).set_resent("d", wire::pn("491510000002"), {1, {}});
  const MessageBounds bounds{50, 0};
  auto done = prune_messages(*database, bounds, 0, 2);
  EXPECT_EQ(done.rows, 2);
  EXPECT_EQ(left(), "cd");
  done = prune_messages(*database, bounds, done.next, 2);
  EXPECT_EQ(done.rows, 1);
  EXPECT_EQ(left(), "d");
  EXPECT_EQ(Retries(*database, session).resent("a", wire::pn("491510000002")).count, 0);
  EXPECT_EQ(Retries(*database, session).resent("d", wire::pn("491510000002")).count, 1);
  done = prune_messages(*database, bounds, done.next, 2);
  EXPECT_EQ(done.rows, 0);
  EXPECT_EQ(done.next, 0);
}

TEST_F(MessagePruning, WhatIsBeyondTheNumberGoes) {
  for (const char* id : {"a", "b", "c", "d"}) add(id, 10);
  EXPECT_EQ(prune_messages(*database, {0, 3}, 0, 10).rows, 1);
  EXPECT_EQ(left(), "bcd");
}

TEST_F(MessagePruning, WhatWaitsToBeSentStays) {
  add("a", 10);
  database->prepare("UPDATE message SET from_me = 1").run();
  database->prepare("INSERT INTO outbox (session_id, seq, id, chat, created_ms) VALUES (?, 1, 'a', 'c', 1)")
      .bind(session)
      .run();
  ASSERT_FALSE(database->failed()) << database->failure().detail;
  EXPECT_EQ(prune_messages(*database, {50, 0}, 0, 10).rows, 0);
  EXPECT_EQ(left(), "a");
}

TEST_F(MessagePruning, ANewerOneInBetweenHoldsUpNoOther) {
  add("a", 10);
  add("b", 4000000000);  // a clock that was wrong
  add("c", 10);
  EXPECT_EQ(prune_messages(*database, {50, 0}, 0, 10).rows, 2);
  EXPECT_EQ(left(), "b");
}

TEST_F(MessagePruning, NothingToPruneWritesNothing) {
  add("a", 100);
  const auto before = database->commits();
  EXPECT_EQ(prune_messages(*database, {50, 10}, 0, 10).rows, 0);
  EXPECT_EQ(prune_messages(*database, {}, 0, 10).rows, 0);
  EXPECT_EQ(database->commits(), before);
}

}  // namespace
}  // namespace pigeond::store
