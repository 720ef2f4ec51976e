#include "gateway/idempotency.h"

#include <gtest/gtest.h>

#include "engine/messages/kinds/contact.h"
#include "engine/messages/kinds/text.h"
#include "store/sessions.h"

namespace pigeond::gateway {
namespace {

class IdempotencyTest : public testing::Test {
 protected:
  IdempotencyTest() {
    database = std::move(*store::Database::open(":memory:"));
    session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
    retention = retention_of(1000);
  }
  static SendRequest request(const std::string& text, const std::string& key = "K") {
    SendRequest out;
    out.to = wire::pn("4922");
    out.content = engine::text_content(text);
    out.idempotency_key = key;
    return out;
  }
  static Instant at(Millis wall) { return {wall, wall}; }

  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  std::optional<Millis> service;  // its time, if it is known
  std::unique_ptr<Retention> retention_of(std::int64_t most) {
    return std::make_unique<Retention>(
        Retention{RetentionClock([this] { return service; }), KeyRoom(*database, most)});
  }
  std::unique_ptr<Retention> retention;
};

TEST_F(IdempotencyTest, AKeyNamesTheMessageItWasUsedForAlsoAfterARestart) {
  Idempotency(*database, session, *retention).remember(request("x"), "ID1", at(1000));
  Idempotency keys(*database, session, *retention);
  const auto known = keys.find(request("x"), at(2000));
  ASSERT_TRUE(known.ok());
  ASSERT_TRUE(known->has_value());
  EXPECT_EQ((*known)->id, "ID1");
  EXPECT_FALSE((*known)->outcome);
  EXPECT_FALSE(keys.find(request("x", "OTHER"), at(2000))->has_value());

  store::IdempotencyOutcome failed{7, wire::pn("4922"), wire::pn("4922"), wire::lid("9922"),
                                   Error{Cause::not_on_whatsapp, "why", 4, 0, Field::recipient}};
  keys.end("ID1", failed);
  keys.end("ID1", {9, {}, {}, {}, {}});  // the first one counts
  const auto ended = Idempotency(*database, session, *retention).find(request("x"), at(3000));
  ASSERT_TRUE((*ended)->outcome);
  EXPECT_EQ((*ended)->outcome->timestamp, 7);
  EXPECT_EQ((*ended)->outcome->chat_lid, wire::lid("9922"));
  ASSERT_TRUE((*ended)->outcome->error);
  EXPECT_EQ((*ended)->outcome->error->cause, Cause::not_on_whatsapp);
  EXPECT_EQ((*ended)->outcome->error->code, 4);
  EXPECT_EQ((*ended)->outcome->error->field, Field::recipient);
}

TEST_F(IdempotencyTest, AnotherRequestUnderTheKeyIsRefusedWhateverPartOfItDiffers) {
  Idempotency keys(*database, session, *retention);
  keys.remember(request("x"), "ID1", at(0));
  auto other = request("x");
  other.to = wire::pn("4933");
  EXPECT_EQ(keys.find(other, at(1)).cause(), Cause::already_exists);
  EXPECT_EQ(keys.find(request("y"), at(1)).cause(), Cause::already_exists);
  other = request("x");
  other.mentions = {wire::pn("4933")};
  EXPECT_EQ(keys.find(other, at(1)).cause(), Cause::already_exists);
  other = request("x");
  other.async = true;  // that is how to wait, not what to send
  EXPECT_TRUE(keys.find(other, at(1)).ok());
}

// Of each kind, what its words alone don't tell.
TEST_F(IdempotencyTest, ACardIsTheSameOneOnlyWithAllThatItShows) {
  Idempotency keys(*database, session, *retention);
  const auto with = [](engine::Content content, const char* key) {
    auto out = request("https://a.test", key);
    out.content = std::move(content);
    return out;
  };
  const auto link = [](const char* title, const char* description) {
    return engine::text_content("https://a.test", {"https://a.test", title, description});
  };
  keys.remember(with(link("A", "one"), "LINK"), "ID1", at(0));
  EXPECT_TRUE(keys.find(with(link("A", "one"), "LINK"), at(1)));
  for (const auto& other : {link("B", "one"), link("A", "two"), engine::text_content("https://a.test")})
    EXPECT_EQ(keys.find(with(other, "LINK"), at(1)).cause(), Cause::already_exists);

  const auto cards = [](const char* second) {
    return engine::contacts_content({{"Ann", "BEGIN:VCARD 1"}, {"Ben", second}});
  };
  keys.remember(with(cards("BEGIN:VCARD 2"), "CARDS"), "ID2", at(0));
  EXPECT_TRUE(keys.find(with(cards("BEGIN:VCARD 2"), "CARDS"), at(1)));
  EXPECT_EQ(keys.find(with(cards("BEGIN:VCARD 3"), "CARDS"), at(1)).cause(), Cause::already_exists);
}

TEST_F(IdempotencyTest, ThePageOfALinkMaySaySomethingElseTheNextTime) {
  Idempotency keys(*database, session, *retention);
  auto asked = request("https://a.test");
  asked.link = "https://a.test";
  auto fetched = asked;
  fetched.content = engine::text_content("https://a.test", {"https://a.test", "A", "one"});
  keys.remember(fetched, "ID1", at(0));
  EXPECT_TRUE(keys.find(asked, at(1)));
  asked.link.clear();  // no card was asked for
  EXPECT_EQ(keys.find(asked, at(1)).cause(), Cause::already_exists);
}

TEST_F(IdempotencyTest, AKeyLivesItsDayHoweverManyComeAfterIt) {
  Idempotency keys(*database, session, *retention);
  service = 1;
  keys.remember(request("x", "OLD"), "ID0", at(1));
  keys.end("ID0", {});
  store::IdempotencyKeys rows(*database, session);
  database->begin();
  for (int i = 0; i < 20000; ++i) rows.insert({"N" + std::to_string(i), {}, "M" + std::to_string(i), 10, {}});
  ASSERT_TRUE(database->commit());
  retention = retention_of(1000000);
  Idempotency later(*database, session, *retention);
  service = kDay + 2;
  const auto known = later.find(request("x", "OLD"), at(kDay + 1));
  ASSERT_TRUE(known && known->has_value());
  EXPECT_EQ((*known)->id, "ID0");
  EXPECT_FALSE(later.find(request("other", "OLD"), at(kDay + 2))->has_value()) << "it is free after a day";
}

TEST_F(IdempotencyTest, BeyondTheirNumberANewKeyIsRefusedAndAKnownOneIsStillKnown) {
  retention = retention_of(3);
  Idempotency keys(*database, session, *retention);
  for (const char* key : {"A", "B", "C"}) {
    ASSERT_TRUE(keys.find(request("x", key), at(1)));
    keys.remember(request("x", key), std::string("ID") + key, at(1));
  }
  const auto refused = keys.find(request("x", "D"), at(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::rate_limited);
  EXPECT_NE(refused.error().detail.find("idempotency_keys"), std::string::npos);
  EXPECT_TRUE(keys.find(request("x", "A"), at(2))->has_value());
}

TEST_F(IdempotencyTest, RoomThatWasMadeInTheMiddleIsFound) {
  retention = retention_of(3);
  Idempotency keys(*database, session, *retention);
  for (const char* key : {"A", "B", "C"}) keys.remember(request("x", key), std::string("ID") + key, at(1));
  keys.drop("B");
  EXPECT_TRUE(keys.find(request("x", "D"), at(2))) << "the oldest one waits for long";
  keys.remember(request("x", "D"), "IDD", at(2));
  EXPECT_FALSE(keys.find(request("x", "E"), at(kHour)));
}

TEST_F(IdempotencyTest, OldOnesGoInStepsAndThoseThatWaitStay) {
  Idempotency keys(*database, session, *retention);
  service = 10;
  for (int i = 0; i < 5; ++i)
    keys.remember(request("x", std::to_string(i)), "ID" + std::to_string(i), at(10));
  for (int i = 0; i < 4; ++i) keys.end("ID" + std::to_string(i), {});
  keys.remember(request("x", "young"), "IDY", at(100));
  keys.end("IDY", {});
  auto done = store::prune_idempotency_keys(*database, {100, 50}, 0, 3);
  EXPECT_EQ(done.rows, 3);
  EXPECT_NE(done.next, 0);
  done = store::prune_idempotency_keys(*database, {100, 50}, done.next, 3);
  EXPECT_EQ(done.rows, 1);
  EXPECT_TRUE(store::IdempotencyKeys(*database, session).find("4")) << "its message has not ended";
  EXPECT_TRUE(store::IdempotencyKeys(*database, session).find("young"));
}

TEST_F(IdempotencyTest, AClockThatCannotBeTrueForgetsNoKey) {
  Idempotency keys(*database, session, *retention);
  service = kDay;
  keys.remember(request("x"), "ID0", at(kDay));
  keys.end("ID0", {});
  const auto known = keys.find(request("x"), at(80 * 365 * kDay));
  ASSERT_TRUE(known && known->has_value());
  EXPECT_EQ((*known)->id, "ID0");
}

TEST_F(IdempotencyTest, AKeyFromAClockThatRanBehindLivesItsDayFromWhenTheClockIsBelieved) {
  const Millis now = 56 * 365 * kDay;
  retention->clock.begin(at(5), now);
  Idempotency keys(*database, session, *retention);
  keys.remember(request("x"), "ID0", at(5));  // a board without a battery
  keys.end("ID0", {});
  service = now;
  ASSERT_TRUE(keys.find(request("x"), at(now))->has_value());
  EXPECT_EQ(store::prune_idempotency_keys(*database, {now, Idempotency::kKept}, 0, 10).rows, 0);
  service = now + kDay;
  EXPECT_TRUE(keys.find(request("x"), at(now + kDay))->has_value());
  service = now + kDay + 1;
  EXPECT_EQ(store::prune_idempotency_keys(*database, {now + kDay + 1, Idempotency::kKept}, 0, 10).rows, 1);
}

TEST_F(IdempotencyTest, KeysFromAClockThatRanAheadHoldNoLaterOneBack) {
  Idempotency keys(*database, session, *retention);
  for (int i = 0; i < 10; ++i) {
    service = i < 5 ? 30 * kDay : kDay;
    keys.remember(request("x", std::to_string(i)), "ID" + std::to_string(i), at(*service));
    keys.end("ID" + std::to_string(i), {});
  }
  const auto prune = [&](Millis now) {
    std::int64_t rows = 0, after = 0;
    do {
      const auto done = store::prune_idempotency_keys(*database, {now, Idempotency::kKept}, after, 2);
      rows += done.rows;
      after = done.next;
    } while (after != 0);
    return rows;
  };
  EXPECT_EQ(prune(3 * kDay), 5);
  EXPECT_EQ(prune(3 * kDay + kHour), 0) << "those that were dated anew live their day";
  EXPECT_EQ(prune(4 * kDay + 1), 5);
}

TEST_F(IdempotencyTest, AKeyOfARequestThatWasNotAcceptedIsFree) {
  Idempotency keys(*database, session, *retention);
  keys.remember(request("x"), "ID1", at(0));
  keys.drop("K");
  EXPECT_FALSE(keys.find(request("y"), at(1))->has_value());
}

}  // namespace
}  // namespace pigeond::gateway
