// How far those who got a message are with it, in groups of a thousand; and what older versions knew of it.
#include "store/messages/receipts.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

#include "query_plans.h"
#include "store/database/migrations.h"
#include "store/messages/messages.h"
#include "store/messages/retries.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

constexpr int kMembers = 1000;

class ReceiptRows : public testing::Test {
 protected:
  static wire::Jid member(int number) { return wire::lid(std::to_string(100000 + number)); }
  std::int64_t add_message() {
    MessageRow row;
    row.id = "M";
    row.chat = wire::parse_jid("1-2@g.us").value();
    row.sender = wire::pn("491510000001", 3);
    row.from_me = true;
    row.type = "text";
    return Messages(*database, session).insert(row);
  }
  int put(int who, int level, std::int64_t at = 5) {
    const auto total = receipts.put_in_group(message, member(who), {}, level, at);
    if (!total) return -1;
    last = *total;
    return total->ack();
  }

  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});
  Receipts receipts{*database};
  std::int64_t message = add_message();
  ReceiptTotal last;
};

TEST_F(ReceiptRows, AMessageIsAsFarAsTheLastOfAThousandInWhateverOrderTheyCome) {
  for (const int step : {1, 999, 389}) {  // forwards, backwards, mixed
    message = add_message();
    receipts.set_recipients(message, kMembers);
    for (const int level : {2, 3, 4})
      for (int i = 0; i < kMembers; ++i) {
        const int all = put((i + 1) * step % kMembers, level);
        ASSERT_EQ(all, i + 1 < kMembers ? (level == 2 ? 0 : level - 1) : level) << step << ' ' << i;
      }
    EXPECT_EQ(receipts.of(message).size(), static_cast<std::size_t>(kMembers));
  }
}

TEST_F(ReceiptRows, WhoReadsFirstIsCountedOnceAndHisDeliveryIsOnlyNoted) {
  receipts.set_recipients(message, 2);
  EXPECT_EQ(put(1, 3, 20), 0);
  EXPECT_EQ(put(1, 2, 10), -1) << "older after newer";
  EXPECT_EQ(put(1, 3, 30), -1) << "another device of his";
  EXPECT_EQ(put(1, 2, 40), -1);
  EXPECT_EQ(put(2, 2, 15), 2);
  EXPECT_EQ(last.delivered, 2);
  EXPECT_EQ(last.read, 1);
  EXPECT_EQ(put(2, 4, 50), 3) << "who played it has read it";
  EXPECT_EQ(last.played, 1);
  const auto rows = receipts.of(message);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].delivered, 10);
  EXPECT_EQ(rows[0].read, 20);
  EXPECT_EQ(rows[1].read, 0) << "nobody told when";
  EXPECT_EQ(rows[1].ack(), 4);
}

TEST_F(ReceiptRows, WhoseOtherAddressIsLearntBetweenTwoReceiptsIsOnePerson) {
  receipts.set_recipients(message, 1);
  const wire::Jid number = wire::pn("491510000009");
  EXPECT_EQ(receipts.put_in_group(message, number, {}, 2, 10)->ack(), 2);
  EXPECT_FALSE(receipts.put_in_group(message, member(1), number, 2, 11));
  EXPECT_EQ(receipts.put_in_group(message, member(1), number, 3, 12)->delivered, 1);
  const auto rows = receipts.of(message);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].delivered, 10);
  EXPECT_EQ(rows[0].read, 12);
}

TEST_F(ReceiptRows, WithoutTheirNumberNobodyIsTheLast) {
  EXPECT_EQ(put(1, 4), 0);
  receipts.set_recipients(message, 2);
  EXPECT_EQ(put(2, 2), 2) << "those that came before count";
}

TEST_F(ReceiptRows, AReceiptChangesTwoRowsAndOneThatSaysNothingNewNone) {
  receipts.set_recipients(message, kMembers);
  for (int i = 0; i < kMembers; ++i) put(i, 2);
  const auto changed = [&](auto&& work) {
    database->begin();
    const auto before = database->rows_changed();
    work();
    const auto after = database->rows_changed();
    EXPECT_TRUE(database->commit().ok());
    return after - before;
  };
  EXPECT_EQ(changed([&] { put(500, 3); }), 2);
  EXPECT_EQ(changed([&] { put(500, 3); }), 0);
  EXPECT_EQ(changed([&] { put(500, 2); }), 0);
  EXPECT_EQ(changed([&] { receipts.set_recipients(message, kMembers); }), 0) << "it was sent again";
  const auto direct = add_message();
  EXPECT_EQ(changed([&] { receipts.put(direct, member(1), 2, 5); }), 1);
  EXPECT_EQ(changed([&] { receipts.put(direct, member(1), 2, 6); }), 0);
}

// Else a receipt would cost more in a larger group.
TEST_F(ReceiptRows, AReceiptFindsItsRowsByTheirWholeKeys) {
  put(1, 2);
  receipts.set_recipients(message, 5);
  int looks = 0;
  for (const std::string& sql : database->statements()) {
    if (sql.find("receipt") == std::string::npos) continue;
    auto plan = database->prepare("EXPLAIN QUERY PLAN " + sql);
    while (plan.step()) {
      ++looks;
      const std::string step = plan.text(3);
      EXPECT_TRUE(step.ends_with("(message=? AND user=?)") || step.ends_with("(rowid=?)"))
          << sql << ": " << step;
    }
  }
  EXPECT_EQ(looks, 2);
}

void stand_in(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_result_value(context, values[0]);
}

TEST(ReceiptsOfAnOlderVersion, AreMergedCountedAndStayWithTheirMessages) {
  TemporaryFolder folder{TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  sqlite3_create_function(handle, "indexed", 1, SQLITE_UTF8, nullptr, stand_in, nullptr, nullptr);
  constexpr int kBefore = 23;
  std::string sql;
  for (int i = 0; i < kBefore; ++i) sql += std::string(migrations()[static_cast<std::size_t>(i)].sql);
  const std::string message =
      "INSERT INTO message (seq, session_id, id, chat, sender, from_me, from_api, timestamp, type, content, "
      "ack) VALUES ";
  const std::string recipient =
      "INSERT INTO message_recipient (session_id, id, device, delivered, read, played, retries, base_key)"
      " VALUES ";
  sql += "PRAGMA user_version=" + std::to_string(kBefore) +
         ";INSERT INTO session (id, name, config, running, created_ms) VALUES (7, 's', '{}', 1, 1);"
         "INSERT INTO erasing (session_id, whole, message_seq) VALUES (7, 0, 1);" +
         message +
         "(1, 7, 'G', '1-2@g.us', 'x', 1, 1, 5, 'text', x'', 1),"  // of the account before
         "(2, 7, 'G', '1-2@g.us', 'x', 1, 1, 5, 'text', x'', 1),"
         "(3, 7, 'D', '4922@s.whatsapp.net', 'x', 1, 1, 5, 'text', x'', 3);"
         "INSERT INTO receipt (message, user, delivered, read, played) VALUES"
         " (2, '1@lid', 10, 0, 0), (2, '2@lid', 0, 21, 0),"
         " (3, '9922@lid', 30, 0, 0), (3, '4922@s.whatsapp.net', 31, 32, 0), (99, '1@lid', 1, 1, 1);" +
         recipient +
         "(7, 'G', '1@lid', 9, 0, 0, 2, x'aa'), (7, 'G', '3@lid', 0, 0, 33, 0, NULL),"
         " (7, 'G', '1:5@lid', 0, 0, 0, 1, NULL), (7, 'D', '4922:1@s.whatsapp.net', 0, 0, 0, 3, NULL),"
         " (7, 'GONE', '1@lid', 1, 0, 0, 1, NULL);";
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);

  auto opened = Database::open(path);
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  auto database = std::move(*opened);
  Receipts receipts(*database);
  const auto group = receipts.of(2);
  ASSERT_EQ(group.size(), 3u);
  EXPECT_EQ(group[0].delivered, 9);
  EXPECT_EQ(group[1].read, 21);
  EXPECT_EQ(group[2].played, 33);
  EXPECT_TRUE(receipts.of(1).empty());
  EXPECT_TRUE(receipts.of(99).empty());
  const auto direct = receipts.of(3);
  ASSERT_EQ(direct.size(), 1u);
  EXPECT_EQ(direct[0].user, wire::pn("4922"));
  EXPECT_EQ(direct[0].delivered, 30);
  EXPECT_EQ(direct[0].read, 32);
  receipts.set_recipients(2, 4);
  const auto total = receipts.put_in_group(2, wire::lid("4"), {}, 2, 40);
  EXPECT_EQ(total->ack(), 2);
  EXPECT_EQ(total->delivered, 4);
  EXPECT_EQ(total->read, 2);
  EXPECT_EQ(total->played, 1);
  Retries retries(*database, 7);
  EXPECT_EQ(retries.resent(2, wire::lid("1")).count, 2);
  EXPECT_EQ(retries.resent(2, wire::lid("1")).base_key, Bytes{0xaa});
  EXPECT_EQ(retries.resent(2, wire::lid("1", 5)).count, 1);
  EXPECT_EQ(retries.resent(3, wire::pn("4922", 1)).count, 3);
  EXPECT_EQ(retries.resent(1, wire::lid("1")).count, 0);
  database->prepare("DELETE FROM message WHERE seq = 2").run();
  EXPECT_TRUE(receipts.of(2).empty());
  EXPECT_EQ(retries.resent(2, wire::lid("1")).count, 0);
}

}  // namespace
}  // namespace pigeond::store
