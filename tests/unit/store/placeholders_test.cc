#include "store/messages/placeholders.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

#include "query_plans.h"
#include "store/database/migrations.h"
#include "store/messages/messages.h"
#include "store/sessions.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

PlaceholderRow row(const std::string& id, std::int64_t added = 1) {
  PlaceholderRow out;
  out.stanza_id = id;
  out.chat = wire::lid("22");
  out.sender = wire::lid("22", 5);
  out.from_me = true;
  out.timestamp = 1700000001;
  out.push_name = "Alice";
  out.state = PlaceholderRow::State::wanted;
  out.asks = 2;
  out.request = "R";
  out.added = added;
  return out;
}

class PlaceholderRows : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});
  std::int64_t other = SessionTable(*database).create({0, "two", "{}", true, 1});
  Placeholders rows{*database, session};
};

TEST_F(PlaceholderRows, ComeBackAsTheyWereAndToTheirSessionAlone) {
  EXPECT_FALSE(rows.any());
  const auto id = rows.insert(row("M1"));
  EXPECT_TRUE(rows.any());
  EXPECT_FALSE(Placeholders(*database, other).any());
  EXPECT_FALSE(Placeholders(*database, other).find(id));
  ASSERT_EQ(rows.of("M1").size(), 1u);
  const auto back = rows.of("M1")[0];
  EXPECT_EQ(back.id, id);
  EXPECT_EQ(back.chat, wire::lid("22"));
  EXPECT_EQ(back.sender, wire::lid("22", 5));
  EXPECT_TRUE(back.from_me);
  EXPECT_EQ(back.timestamp, 1700000001);
  EXPECT_EQ(back.push_name, "Alice");
  EXPECT_EQ(back.state, PlaceholderRow::State::wanted);
  EXPECT_EQ(back.asks, 2);
  EXPECT_EQ(back.request, "R");
  EXPECT_EQ(rows.wanted(), std::vector<std::int64_t>{id});
}

TEST_F(PlaceholderRows, WhatWasSentAndNotAcknowledgedIsWantedAgain) {
  const auto sent = rows.insert(row("M1")), asked = rows.insert(row("M2"));
  rows.set_state(sent, PlaceholderRow::State::sent, 3, "S");
  rows.set_state(asked, PlaceholderRow::State::asked, 3, "A");
  EXPECT_TRUE(rows.wanted().empty());
  rows.want_again();
  EXPECT_EQ(rows.wanted(), std::vector<std::int64_t>{sent});
  EXPECT_EQ(rows.find(sent)->asks, 3);
  EXPECT_EQ(rows.find(asked)->request, "A");
}

TEST_F(PlaceholderRows, TheOldestGoAndAnotherAccountHasNone) {
  for (int i = 0; i < 10; ++i) rows.insert(row("M" + std::to_string(i), 100 + i));
  Placeholders(*database, other).insert(row("THEIRS"));
  const auto newest = rows.of("M1")[0].id;
  EXPECT_EQ(rows.keep_newest(8), newest);
  EXPECT_TRUE(rows.of("M1").empty());
  EXPECT_EQ(rows.of("M2").size(), 1u);
  rows.remove_before(104);
  EXPECT_TRUE(rows.of("M3").empty());
  EXPECT_EQ(rows.of("M4").size(), 1u);
  EXPECT_EQ(rows.keep_newest(100), 0);
  EXPECT_EQ(rows.of("M4").size(), 1u);
  SessionTable(*database).unlink_account(session);
  EXPECT_FALSE(rows.any());
  EXPECT_TRUE(Placeholders(*database, other).any());
}

TEST_F(PlaceholderRows, SayWhoWroteHoweverLongAgo) {
  auto theirs = row("M1");
  theirs.from_me = false;
  rows.insert(row("OURS"));
  EXPECT_FALSE(rows.wrote(wire::lid("22")));
  rows.insert(theirs);
  theirs.stanza_id = "M2";
  theirs.chat = wire::parse_jid("1-2@g.us").value();
  rows.insert(theirs);
  rows.remove_before(100);
  EXPECT_TRUE(rows.wrote(wire::lid("22")));
  EXPECT_FALSE(rows.wrote(wire::lid("23")));
  EXPECT_FALSE(Placeholders(*database, other).wrote(wire::lid("22")));
  EXPECT_TRUE(rows.of("OURS").empty());
  EXPECT_TRUE(rows.of("M2").empty()) << "of a group";
  for (const auto& walk : walks(*database)) ADD_FAILURE() << walk;
}

// What an older version took for messages.
TEST(PlaceholdersOfAnOlderVersion, HideWhatComesNoMore) {
  TemporaryFolder folder{TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  constexpr int kBefore = 16;  // the next one asks a function of ours, which no other program has
  std::string sql;
  for (int i = 0; i < kBefore; ++i) sql += std::string(migrations()[static_cast<std::size_t>(i)].sql);
  const std::string columns =
      "INSERT INTO message (session_id, id, chat, sender, from_me, from_api, timestamp, type, content, ack)";
  sql += "PRAGMA user_version=" + std::to_string(kBefore) +
         ";INSERT INTO session (id, name, config, running, created_ms) VALUES (7, 's', '{}', 1, 1);" +
         columns +
         " VALUES (7, 'OLD', '22@lid', '22@lid', 0, 0, 5, 'unknown', x'', 2);"
         "INSERT INTO erasing (session_id, whole, message_seq) VALUES (7, 0, 1);" +
         columns + " VALUES (7, 'EMPTY', '22@lid', '22:5@lid', 0, 0, 9, 'unknown', x'', 2)," +
         " (7, 'ODD', '22@lid', '22@lid', 0, 0, 9, 'unknown', x'01', 2)," +
         " (7, 'TEXT', '22@lid', '22@lid', 0, 0, 9, 'text', x'01', 2);";
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
  auto database = std::move(Database::open(path).value());
  Messages messages(*database, 7);
  EXPECT_TRUE(messages.heads("EMPTY").empty());
  EXPECT_EQ(messages.heads("ODD").size(), 1u);
  EXPECT_EQ(messages.heads("TEXT").size(), 1u);
  Placeholders rows(*database, 7);
  ASSERT_EQ(rows.of("EMPTY").size(), 1u);
  EXPECT_EQ(rows.of("EMPTY")[0].sender, wire::lid("22", 5));
  EXPECT_EQ(rows.of("EMPTY")[0].state, PlaceholderRow::State::kept);
  EXPECT_TRUE(rows.wrote(wire::lid("22")));
  EXPECT_TRUE(rows.of("OLD").empty()) << "of an account that is being erased";
}

}  // namespace
}  // namespace pigeond::store
