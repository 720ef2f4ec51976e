#include "store/api_keys.h"

#include <gtest/gtest.h>

namespace pigeond::store {
namespace {

TEST(ApiKeys, RowsAreMadeChangedAndRemoved) {
  const auto database = std::move(Database::open(":memory:").value());
  ApiKeys keys(*database);
  ApiKeyRow row{"key_id_1", {1, 2, 3}, "crm", "read send", "one two", true, 100, 200, 0, 5, 60};
  keys.put(row);
  keys.put({"key_id_0", {4}, "", "admin", "", false, 1, 0, 0, 0, 0});
  const auto found = keys.find("key_id_1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hash, row.hash);
  EXPECT_EQ(found->name, "crm");
  EXPECT_EQ(found->scopes, "read send");
  EXPECT_EQ(found->sessions, "one two");
  EXPECT_TRUE(found->active);
  EXPECT_EQ(found->expires_ms, 200);
  EXPECT_EQ(found->rate_requests, 5);
  EXPECT_EQ(found->rate_seconds, 60);
  row.name = "shop";
  keys.put(row);
  ASSERT_EQ(keys.all().size(), 2u);
  EXPECT_EQ(keys.count(), 2);
  EXPECT_EQ(keys.all()[0].id, "key_id_0");
  EXPECT_FALSE(keys.all()[0].active);
  EXPECT_EQ(keys.all()[1].name, "shop");
  keys.used("key_id_1", 50);
  keys.used("key_id_1", 40);
  EXPECT_EQ(keys.find("key_id_1")->used_ms, 50) << "the last use never goes back";
  EXPECT_TRUE(keys.remove("key_id_1"));
  EXPECT_FALSE(keys.remove("key_id_1"));
  EXPECT_FALSE(keys.find("key_id_1"));
  EXPECT_FALSE(database->failed());
}

TEST(ApiKeys, GoWithTheOnlySessionThatTheyAreGoodForAndAreNeverGoodForAllInstead) {
  const auto database = std::move(Database::open(":memory:").value());
  ApiKeys keys(*database);
  const auto put = [&](const char* id, std::uint8_t hash, const char* sessions) {
    keys.put({id, {hash}, "", "read", sessions, true, 1, 0, 0, 0, 0});
  };
  put("all", 1, "");
  put("one", 2, "one");
  put("two", 3, "zero one two");
  put("other", 4, "one_ one-two on oneone");
  keys.session_removed("one");
  ASSERT_EQ(keys.count(), 3);
  EXPECT_EQ(keys.find("all")->sessions, "");
  EXPECT_FALSE(keys.find("one"));
  EXPECT_EQ(keys.find("two")->sessions, "zero two");
  EXPECT_EQ(keys.find("other")->sessions, "one_ one-two on oneone");
  keys.session_removed("zero");
  keys.session_removed("two");
  EXPECT_FALSE(keys.find("two"));
  EXPECT_FALSE(database->failed());
}

}  // namespace
}  // namespace pigeond::store
