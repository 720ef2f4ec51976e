#include "gateway/idempotency.h"

#include <gtest/gtest.h>

#include "store/sessions.h"

namespace pigeond::gateway {
namespace {

class IdempotencyTest : public testing::Test {
 protected:
  IdempotencyTest() {
    database = std::move(*store::Database::open(":memory:"));
    session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
  }
  static TextRequest request(const std::string& text, const std::string& key = "K") {
    TextRequest out;
    out.to = wire::pn("4922");
    out.text = text;
    out.idempotency_key = key;
    return out;
  }
  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
};

TEST_F(IdempotencyTest, AKeyNamesTheMessageItWasUsedForAlsoAfterARestart) {
  Idempotency(*database, session).remember(request("x"), "ID1", 1000);
  Idempotency keys(*database, session);
  const auto known = keys.find(request("x"), 2000);
  ASSERT_TRUE(known.ok());
  ASSERT_TRUE(known->has_value());
  EXPECT_EQ((*known)->id, "ID1");
  EXPECT_FALSE((*known)->outcome);
  EXPECT_FALSE(keys.find(request("x", "OTHER"), 2000)->has_value());

  store::IdempotencyOutcome failed{7, wire::pn("4922"), wire::pn("4922"), wire::lid("9922"),
                                   fail(Cause::not_on_whatsapp, "chatId", 4)};
  keys.end("ID1", failed);
  keys.end("ID1", {9, {}, {}, {}, {}});  // the first one counts
  const auto ended = Idempotency(*database, session).find(request("x"), 3000);
  ASSERT_TRUE((*ended)->outcome);
  EXPECT_EQ((*ended)->outcome->timestamp, 7);
  EXPECT_EQ((*ended)->outcome->chat_lid, wire::lid("9922"));
  ASSERT_TRUE((*ended)->outcome->error);
  EXPECT_EQ((*ended)->outcome->error->cause, Cause::not_on_whatsapp);
  EXPECT_EQ((*ended)->outcome->error->code, 4);
}

TEST_F(IdempotencyTest, AnotherRequestUnderTheKeyIsRefusedWhateverPartOfItDiffers) {
  Idempotency keys(*database, session);
  keys.remember(request("x"), "ID1", 0);
  auto other = request("x");
  other.to = wire::pn("4933");
  EXPECT_EQ(keys.find(other, 1).cause(), Cause::already_exists);
  EXPECT_EQ(keys.find(request("y"), 1).cause(), Cause::already_exists);
  other = request("x");
  other.mentions = {wire::pn("4933")};
  EXPECT_EQ(keys.find(other, 1).cause(), Cause::already_exists);
  other = request("x");
  other.async = true;  // that is how to wait, not what to send
  EXPECT_TRUE(keys.find(other, 1).ok());
}

TEST_F(IdempotencyTest, KeysAreKeptForADayAndSoManyOfThem) {
  Idempotency keys(*database, session);
  keys.remember(request("x", "OLD"), "ID0", 0);
  keys.end("ID0", {});
  EXPECT_TRUE(keys.find(request("x", "OLD"), kDay)->has_value());
  EXPECT_FALSE(keys.find(request("other", "OLD"), kDay + 1)->has_value());
  store::IdempotencyKeys rows(*database, session);
  for (int i = 0; i < 5; ++i) rows.insert({"N" + std::to_string(i), {}, "M" + std::to_string(i), 10, {}});
  EXPECT_EQ(rows.prune(0, 3), 3u);
  EXPECT_FALSE(rows.find("N1"));
  EXPECT_TRUE(rows.find("N2"));
}

TEST_F(IdempotencyTest, AMessageThatWaitsLongerKeepsItsKey) {
  Idempotency keys(*database, session);
  keys.remember(request("x", "OLD"), "ID0", 0);
  keys.remember(request("x", "NEW"), "ID1", 3 * kDay);
  store::IdempotencyKeys(*database, session).prune(3 * kDay, 100);
  const auto known = keys.find(request("x", "OLD"), 3 * kDay);
  ASSERT_TRUE(known->has_value());
  EXPECT_EQ((*known)->id, "ID0");
}

TEST_F(IdempotencyTest, AKeyOfARequestThatWasNotAcceptedIsFree) {
  Idempotency keys(*database, session);
  keys.remember(request("x"), "ID1", 0);
  keys.drop("K");
  EXPECT_FALSE(keys.find(request("y"), 1)->has_value());
}

}  // namespace
}  // namespace pigeond::gateway
