#include "store/messages/pruning.h"

#include <gtest/gtest.h>

#include "store/messages/messages.h"
#include "store/messages/receipts.h"
#include "store/messages/retries.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class MessagePruning : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});

  std::int64_t add(const std::string& id, std::int64_t timestamp, bool ours = false) {
    MessageRow row;
    row.id = id;
    row.chat = row.sender = wire::pn("491510000002");
    row.timestamp = timestamp;
    row.type = "text";
    row.from_me = ours;
    row.ack = 1;
    return Messages(*database, session).insert(row);
  }
  std::string left() {
    std::string ids;
    auto row = database->prepare("SELECT id FROM message ORDER BY seq");
    while (row.step()) ids += row.text(0);
    return ids;
  }
};

TEST_F(MessagePruning, OldOnesGoInStepsWithTheirRecipients) {
  const auto a = add("a", 10, true);
  for (const char* id : {"b", "c"}) add(id, 10);
  const auto d = add("d", 100, true);
  Retries(*database, session).set_resent(a, wire::pn("491510000002"), {1, {}});
  Retries(*database, session).set_resent(d, wire::pn("491510000002"), {1, {}});
  const MessageBounds bounds{50, 0};
  auto done = prune_messages(*database, bounds, 0, 3);
  EXPECT_EQ(done.rows, 3) << "two messages, and what was sent again";
  EXPECT_EQ(left(), "cd");
  done = prune_messages(*database, bounds, done.next, 2);
  EXPECT_EQ(done.rows, 1);
  EXPECT_EQ(left(), "d");
  EXPECT_EQ(Retries(*database, session).resent(a, wire::pn("491510000002")).count, 0);
  EXPECT_EQ(Retries(*database, session).resent(d, wire::pn("491510000002")).count, 1);
  done = prune_messages(*database, bounds, done.next, 2);
  EXPECT_EQ(done.rows, 0);
  EXPECT_EQ(done.next, 0);
}

// Messages to groups of a thousand, the first of all among them: a step is bounded by its rows, and goes on
// in the middle of one.
TEST_F(MessagePruning, AStepTakesNoMoreRowsThanItsLimitHoweverManyHangOnAMessage) {
  constexpr std::size_t kLimit = 64;
  constexpr int kMembers = 1000;
  Receipts receipts(*database);
  for (const char* id : {"a", "b"}) {
    const auto seq = add(id, 10, true);
    for (int i = 0; i < kMembers; ++i)
      receipts.put_in_group(seq, wire::lid(std::to_string(1000 + i)), {}, 2, 10);
    for (int i = 0; i < 100; ++i)
      Retries(*database, session).set_resent(seq, wire::lid(std::to_string(1000 + i), 5), {1, {}});
  }
  for (int i = 0; i < 100; ++i) add("x", 10);
  const auto kept = add("kept", 100, true);
  receipts.put(kept, wire::lid("1000"), 2, 10);
  ASSERT_FALSE(database->failed()) << database->failure().detail;
  const MessageBounds bounds{50, 0};
  std::int64_t rows = 0, steps = 0, next = 0;
  do {
    database->begin();
    const auto before = database->rows_changed();
    const auto done = prune_messages(*database, bounds, next, kLimit);
    EXPECT_EQ(database->rows_changed() - before, done.rows);
    EXPECT_LE(done.rows, static_cast<std::int64_t>(kLimit));
    ASSERT_TRUE(database->commit());
    rows += done.rows;
    next = done.next;
  } while (next != 0 && ++steps < 100);
  EXPECT_EQ(rows, 2 * (kMembers + 100 + 2) + 100);
  EXPECT_LT(steps, 40);
  EXPECT_EQ(left(), "kept");
  EXPECT_EQ(receipts.of(kept).size(), 1u);
  for (const char* table : {"receipt", "resent", "receipt_total"}) {
    auto row = database->prepare("SELECT count(*) FROM " + std::string(table));
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), std::string(table) == "receipt" ? 1 : 0) << table;
  }
}

TEST_F(MessagePruning, ALimitOfOneRowComesToAnEnd) {
  const auto seq = add("a", 10, true);
  Receipts(*database).put_in_group(seq, wire::lid("1"), {}, 2, 10);
  Retries(*database, session).set_resent(seq, wire::lid("1", 5), {1, {}});
  std::int64_t next = 0;
  int steps = 0;
  do next = prune_messages(*database, {50, 0}, next, 1).next;
  while (next != 0 && ++steps < 20);
  EXPECT_EQ(steps, 4);
  EXPECT_EQ(left(), "");
  Retries(*database, session).set_resent(seq, wire::lid("1", 5), {1, {}});
  EXPECT_EQ(add("next", 10, true), seq) << "the number is used again";
  EXPECT_EQ(Retries(*database, session).resent(seq, wire::lid("1", 5)).count, 0);
}

TEST_F(MessagePruning, WhatIsBeyondTheNumberGoes) {
  for (const char* id : {"a", "b", "c", "d"}) add(id, 10);
  EXPECT_EQ(prune_messages(*database, {0, 3}, 0, 10).rows, 1);
  EXPECT_EQ(left(), "bcd");
}

TEST_F(MessagePruning, WhatWaitsToBeSentStays) {
  add("a", 10);
  database->prepare("UPDATE message SET from_me = 1, ack = 0").run();
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
