// Long texts that are looked up stand in their index by a digest, and none lies where no check sees damage.
#include "store/indexed.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "store/database/database.h"
#include "store/database/migrations.h"
#include "store/database/trouble.h"
#include "store/messages/idempotency_keys.h"
#include "store/sessions.h"
#include "store/webhooks/webhooks.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

const std::string kLongKey(255, 'k');
const std::string kLongUrl = "https://host/" + std::string(2000, 'u');

std::int64_t number(Database& database, const std::string& sql) {
  auto row = database.prepare(sql);
  return row.step() ? row.integer(0) : -1;
}

TEST(Indexed, IsTheTextOrItsDigestAndNoTextStandsForAnother) {
  EXPECT_EQ(indexed(""), "");
  EXPECT_EQ(indexed(std::string(64, 'x')), std::string(64, 'x'));
  const std::string digest = indexed(std::string(65, 'x'));
  EXPECT_EQ(digest.size(), 71U);
  EXPECT_NE(indexed(digest), digest) << "who sends that text means another one";
  EXPECT_NE(indexed(std::string(65, 'y')), digest);
}

class IndexedTexts : public testing::Test {
 protected:
  void open() {
    auto opened = Database::open(path);
    ASSERT_TRUE(opened) << opened.error().detail;
    database = std::move(*opened);
  }
  void fill() {
    session = SessionTable(*database).create({0, "s", "{}", true, 1});
    IdempotencyKeys(*database, session).insert({kLongKey, {}, "id", 1, {}});
    IdempotencyKeys(*database, session).insert({"short", {}, "id2", 1, {}});
    add_webhook_queue(*database, session, kLongUrl);
    add_webhook_queue(*database, session, "http://short/");
  }

  TemporaryFolder folder{TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  std::unique_ptr<Database> database;
  std::int64_t session = 0;
};

TEST_F(IndexedTexts, ComeBackAndLeaveNoIndexWithOverflowPages) {
  open();
  fill();
  IdempotencyKeys keys(*database, session);
  ASSERT_TRUE(keys.find(kLongKey));
  EXPECT_EQ(keys.find(kLongKey)->id, "id");
  EXPECT_FALSE(keys.find(kLongKey + "x"));
  EXPECT_FALSE(keys.find(indexed(kLongKey))) << "a caller's key that looks like the digest is another one";
  keys.remove(kLongKey);
  EXPECT_FALSE(keys.find(kLongKey));
  keys.insert({kLongKey, {}, "id3", 1, {}});
  const auto queues = webhook_queues(*database, session);
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].url, kLongUrl);
  EXPECT_EQ(queues[1].url, "http://short/");
  EXPECT_EQ(number(*database,
                   "SELECT count(*) FROM dbstat WHERE pagetype = 'overflow' AND name IN"
                   " (SELECT name FROM sqlite_schema WHERE type = 'index')"),
            0);
  ASSERT_FALSE(database->failed()) << database->failure().detail;
  database->begin();
  add_webhook_queue(*database, session, kLongUrl);
  EXPECT_TRUE(database->failed()) << "a queue of that URL is there";
  database->rollback();
}

TEST_F(IndexedTexts, OfAnOlderVersionAreFoundAgain) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  std::string sql;
  constexpr int kBefore = 16;
  for (int i = 0; i < kBefore; ++i) sql += std::string(migrations()[static_cast<std::size_t>(i)].sql);
  sql += "PRAGMA user_version=" + std::to_string(kBefore) +
         ";INSERT INTO session (id, name, config, running, created_ms) VALUES (7, 's', '{}', 1, 1);"
         "INSERT INTO idempotency_key (session_id, key, request, id, created_ms) VALUES (7, '" +
         kLongKey + "', zeroblob(32), 'id', 1), (7, 'short', zeroblob(32), 'id2', 1);" +
         "INSERT INTO webhook_queue (id, session_id, url) VALUES (3, 7, '" + kLongUrl +
         "'), (4, 7, 'http://short/');";
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
  open();
  IdempotencyKeys keys(*database, 7);
  ASSERT_TRUE(keys.find(kLongKey));
  EXPECT_EQ(keys.find(kLongKey)->id, "id");
  EXPECT_TRUE(keys.find("short"));
  const auto queues = webhook_queues(*database);
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].url, kLongUrl);
  EXPECT_EQ(queues[1].url, "http://short/");
}

// The only text that lies on overflow pages is compared with its digest whenever it is read.
TEST_F(IndexedTexts, ADamagedWholeUrlIsTakenForWhatItIs) {
  open();
  fill();
  database.reset();
  std::string bytes;
  {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto at = bytes.find(std::string(200, 'u'));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 100] = 'v';
  std::ofstream(path, std::ios::binary) << bytes;
  open();
  database->begin();
  EXPECT_TRUE(webhook_queues(*database, 1).empty());
  ASSERT_TRUE(database->failed());
  EXPECT_TRUE(is_damage(database->failure())) << database->failure().detail;
  database->rollback();
}

}  // namespace
}  // namespace pigeond::store
