#include "store/erasing.h"

#include <gtest/gtest.h>

#include "store/account/history.h"
#include "store/events.h"
#include "store/messages/idempotency_keys.h"
#include "store/messages/messages.h"
#include "store/messages/outbox.h"
#include "store/messages/receipts.h"
#include "store/messages/retries.h"
#include "store/webhooks/webhooks.h"
#include "unit/store/sample.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class ErasingTest : public testing::Test {
 protected:
  std::int64_t add_message(std::int64_t of, const std::string& id, bool ours = false) {
    MessageRow row;
    row.id = id;
    row.chat = wire::pn("491510000002");
    row.sender = ours ? wire::pn("491510000001", 3) : row.chat;
    row.from_me = ours;
    row.timestamp = 10;
    row.type = "text";
    return Messages(*database, of).insert(row);
  }
  std::int64_t count(const std::string& sql) {
    auto row = database->prepare("SELECT count(*) FROM " + sql);
    return row.step() ? row.integer(0) : -1;
  }
  int erase_all(std::int64_t limit = 100) {
    int steps = 0;
    while (erase_step(*database, limit) > 0) ++steps;
    EXPECT_FALSE(database->failed()) << database->failure().detail;
    return steps;
  }

  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  SessionTable sessions{*database};
  std::int64_t one = sessions.create({0, "one", "{}", true, 1});
  std::int64_t two = sessions.create({0, "two", "{}", true, 1});
};

TEST_F(ErasingTest, WhatIsErasedIsNotSeenAnyMoreThoughItsRowsGoInSteps) {
  for (int i = 0; i < 250; ++i) add_message(one, "M" + std::to_string(i));
  add_message(two, "M7");
  IdempotencyKeys(*database, one).insert({"K", {}, "M1", 1, {}});
  const auto before = database->rows_changed();
  database->begin();
  sessions.erase_account(one);
  EXPECT_LT(database->rows_changed() - before, 20) << "a call pays for few rows, whatever there is";
  ASSERT_TRUE(database->commit());
  Messages messages(*database, one);
  EXPECT_TRUE(messages.heads("M7").empty());
  EXPECT_FALSE(messages.was_answered(wire::pn("491510000002")));
  EXPECT_TRUE(messages.unread(wire::pn("491510000002"), 0, 10).empty());
  EXPECT_TRUE(IdempotencyKeys(*database, one).find("K"))
      << "a key lives its day, whatever becomes of its account";
  EXPECT_EQ(count("message"), 251);

  add_message(one, "NEW");
  EXPECT_EQ(messages.heads("NEW").size(), 1u);
  EXPECT_GE(erase_all(), 3) << "at most 100 rows a step";
  EXPECT_FALSE(is_erasing(*database));
  EXPECT_EQ(messages.heads("NEW").size(), 1u) << "the next account's";
  EXPECT_EQ(IdempotencyKeys(*database, one).find("K")->id, "M1");
  EXPECT_EQ(Messages(*database, two).heads("M7").size(), 1u) << "another session's";
  EXPECT_EQ(count("message"), 2);
}

TEST_F(ErasingTest, WhatHistoriesToldGoesInStepsBeforeAnotherHistoryIsRead) {
  for (const auto session : {one, two}) {
    History told(*database, session);
    for (int i = 0; i < 250; ++i) {
      told.put_name(std::to_string(i) + "@lid", "Name");
      told.put_secret({"1@lid", "1@lid", "M" + std::to_string(i), Bytes(32, 1), 1});
    }
  }
  const auto before = database->rows_changed();
  database->begin();
  sessions.unlink_account(one);
  EXPECT_LT(database->rows_changed() - before, 20);
  ASSERT_TRUE(database->commit());
  History told(*database, one);
  EXPECT_TRUE(told.being_erased());
  EXPECT_EQ(told.name("1@lid"), "");
  EXPECT_FALSE(told.secret("1@lid", "1@lid", "M1"));
  EXPECT_GE(erase_all(), 5);
  EXPECT_FALSE(told.being_erased());
  told.put_name("1@lid", "New");
  EXPECT_EQ(told.name("1@lid"), "New");
  EXPECT_EQ(count("push_name"), 251);
  EXPECT_EQ(count("message_secret"), 250);
  EXPECT_EQ(History(*database, two).name("1@lid"), "Name");
}

TEST_F(ErasingTest, TheNextAccountsMessageOfTheSameIdKeepsItsRecipients) {
  Receipts receipts(*database);
  Retries retries(*database, one);
  const auto told = [&](std::int64_t seq) {
    receipts.put_in_group(seq, wire::lid("1"), {}, 3, 10);
    retries.set_resent(seq, wire::lid("1", 5), {1, {}});
  };
  told(add_message(one, "SAME", true));
  told(add_message(one, "OTHER", true));
  sessions.erase_account(one);
  const auto next = add_message(one, "SAME", true);
  told(next);
  erase_all(1);
  EXPECT_EQ(Messages(*database, one).heads("SAME").size(), 1u);
  for (const char* table : {"receipt", "receipt_total", "resent"}) {
    EXPECT_EQ(count(table + (" WHERE message = " + std::to_string(next))), 1) << table;
    EXPECT_EQ(count(table), 1) << table;
  }
}

TEST_F(ErasingTest, AStepTakesNoMoreRowsThanItsLimitHoweverManyHangOnAMessage) {
  constexpr std::int64_t kLimit = 50;
  Receipts receipts(*database);
  for (const char* id : {"A", "B"}) {
    const auto seq = add_message(one, id, true);
    for (int i = 0; i < 300; ++i) receipts.put_in_group(seq, wire::lid(std::to_string(1000 + i)), {}, 2, 10);
  }
  sessions.erase_account(one);
  std::int64_t gone = 0;
  while (count("message") > 0) {
    database->begin();
    const auto before = database->rows_changed();
    const auto rows = erase_step(*database, kLimit);
    ASSERT_GT(rows, 0);
    EXPECT_LE(rows, kLimit);
    EXPECT_EQ(database->rows_changed() - before, rows);
    ASSERT_TRUE(database->commit());
    gone += rows;
  }
  EXPECT_EQ(gone, 2 * 302);
  EXPECT_EQ(count("receipt"), 0);
  EXPECT_EQ(count("receipt_total"), 0);
}

TEST_F(ErasingTest, AMessageThatComesWhenTheOldOnesAreGoneIsNotTakenForOne) {
  for (int i = 0; i < 5; ++i) add_message(one, "M" + std::to_string(i));
  sessions.erase_account(one);
  while (count("message") > 0) ASSERT_GT(erase_step(*database, 2), 0);
  ASSERT_TRUE(is_erasing(*database)) << "its mark is still there";
  add_message(one, "NEW");
  erase_all();
  EXPECT_EQ(Messages(*database, one).heads("NEW").size(), 1u);
}

TEST_F(ErasingTest, ARemovedSessionsNameIsFreeAtOnceAndTheNextOneSeesNothingOfIt) {
  for (int i = 0; i < 50; ++i) add_message(one, "M" + std::to_string(i));
  const auto queue = add_webhook_queue(*database, one, "http://a/");
  for (std::int64_t seq = 1; seq <= 3; ++seq) add_event(*database, {seq, seq == 2 ? two : one, 1, 1, {}}, 0);
  add_webhook_delivery(*database, {webhook_id(queue, 1), 0, 1, 0}, 0);
  sessions.remove(one);
  EXPECT_FALSE(sessions.find("one"));
  ASSERT_EQ(sessions.all().size(), 1u);
  EXPECT_TRUE(webhook_queues(*database).empty()) << "nothing of it is delivered any more";
  const auto again = sessions.create({0, "one", "{}", true, 2});
  EXPECT_NE(again, one);
  EXPECT_TRUE(Messages(*database, again).heads("M1").empty());
  erase_all(10);
  EXPECT_TRUE(sessions.find("one"));
  EXPECT_EQ(count("session"), 2);
  EXPECT_EQ(count("message"), 0);
  EXPECT_EQ(count("event"), 1);
  EXPECT_EQ(journal_state(*database).last, 3) << "no number is given twice";
  EXPECT_EQ(count("webhook_pending"), 0);
}

TEST_F(ErasingTest, OfARemovedSessionNoTableKeepsARowAndSecretsAreGoneAtOnce) {
  for (const auto& table : all_tables(*database))
    if (table != "session" && table != "erasing" && table != "storage_probe" && table != "api_key" &&
        table != "journal" && table != "client_version")
      add_row(*database, table, one, 1, 10);
  ASSERT_FALSE(database->failed()) << database->failure().detail;
  database->prepare("UPDATE webhook_outcome SET id = (1 << 32) + 1").run();
  database->prepare("UPDATE webhook_pending SET id = (1 << 32) + 1").run();
  sessions.remove(one);
  for (const char* table : {"credentials", "signal_session", "signal_identity", "pre_key", "signed_pre_key",
                            "sender_key", "privacy_token", "nct_salt", "outbox"})
    EXPECT_EQ(count(table), 0) << table;
  erase_all(1);
  for (const auto& table : all_tables(*database))
    EXPECT_EQ(count(table), table == "session" || table == "journal" ? 1 : 0) << table;
}

TEST_F(ErasingTest, AnUnlinkedAccountKeepsWhatWaitsToBeSentInItsOrder) {
  add_message(one, "THEIRS");
  Retries retries(*database, one);
  for (const char* id : {"A", "B", "C"})
    retries.set_resent(add_message(one, id, true), wire::lid("1", 5), {1, {}});
  Outbox outbox(*database, one);
  for (const char* id : {"A", "C"}) {
    OutboxRow row;
    row.id = id;
    row.chat = wire::pn("491510000002");
    outbox.insert(row, std::nullopt);
  }
  sessions.unlink_account(one);
  Messages messages(*database, one);
  EXPECT_TRUE(messages.heads("THEIRS").empty());
  EXPECT_TRUE(messages.heads("B").empty());
  ASSERT_EQ(messages.heads("A").size(), 1u);
  ASSERT_EQ(messages.heads("C").size(), 1u);
  EXPECT_LT(messages.heads("A")[0].seq, messages.heads("C")[0].seq);
  EXPECT_EQ(retries.resent(messages.heads("A")[0].seq, wire::lid("1", 5)).count, 0);
  retries.set_resent(messages.heads("A")[0].seq, wire::lid("1", 5), {1, {}});
  erase_all(1);
  EXPECT_EQ(count("message"), 2);
  EXPECT_EQ(count("resent"), 1) << "of the message as it goes out to the next account";
}

TEST_F(ErasingTest, AFileThatIsMostlyEmptyIsSmallAfterTheNextStart) {
  TemporaryFolder folder{TemporaryFolder::kInMemory};
  const auto path = folder.file("p.db");
  {
    auto file = std::move(*Database::open(path));
    const auto session = SessionTable(*file).create({0, "one", "{}", true, 1});
    file->begin();
    for (int i = 0; i < 30; ++i) add_row(*file, "message", session, i, 1000000);
    ASSERT_TRUE(file->commit());
    SessionTable(*file).remove(session);
    while (erase_step(*file, 100) > 0) {
    }
  }
  EXPECT_GT(std::filesystem::file_size(path), 20000000u);
  auto file = std::move(*Database::open(path));
  EXPECT_EQ(integrity(*file), "ok");
  file.reset();
  EXPECT_LT(std::filesystem::file_size(path), 2000000u);
}

}  // namespace
}  // namespace pigeond::store
