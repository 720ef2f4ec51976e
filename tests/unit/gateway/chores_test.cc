#include "gateway/storage/chores.h"

#include <gtest/gtest.h>

#include "store/events.h"
#include "store/messages/messages.h"
#include "store/sessions.h"

namespace pigeond::gateway {
namespace {

class WalkingClock final : public Clock {
 public:
  Instant now() override { return {mono, wall_offset + mono}; }
  Millis mono = 1000, wall_offset = 1795000000000;
};

class ChoresTest : public ::testing::Test {
 protected:
  void add_message(std::int64_t timestamp, const std::string& id = "A") {
    store::MessageRow row;
    row.id = id;
    row.chat = row.sender = wire::pn("491510000002");
    row.timestamp = timestamp;
    row.type = "text";
    store::Messages(*database, session).insert(row);
  }
  std::int64_t messages() {
    auto row = database->prepare("SELECT count(*) FROM message");
    return row.step() ? row.integer(0) : -1;
  }
  void add_ended_deliveries(std::int64_t count, Millis ended) {
    const auto queue = store::add_webhook_queue(*database, session, "http://a/");
    for (std::int64_t number = 1; number <= count; ++number) {
      store::add_event(*database, {number, session, 0, 1, {}}, 1);
      store::add_webhook_delivery(*database, {store::webhook_id(queue, number), 0, number, 0}, 0);
      store::add_webhook_outcome(*database, {store::webhook_id(queue, number), true, 1, "status 500", ended});
    }
    webhooks.resume();
  }
  // A tick as the gateway has them, with `work` in it.
  void tick(Chores& chores, const std::function<void()>& work = {}) {
    if (work) work();
    chores.collect();
    ASSERT_TRUE(database->commit());
    chores.committed();
    database->begin();
  }
  // Until `time` has passed, with all of its timers and what they do.
  void pass(Chores& chores, Millis time) {
    const Millis until = clock.mono + time;
    for (;;) {
      const auto due = loop.next_due();
      if (!due || *due > until) break;
      clock.mono = std::max(clock.mono, *due);
      loop.run_once(clock.mono);
      tick(chores);
    }
    clock.mono = until;
  }
  Chores with(Chores::Options options) { return {loop, *database, webhooks, retention, options}; }

  WalkingClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  net::Network network{loop, random};
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  std::int64_t session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
  net::HttpClient client{network};
  EventTexts texts{*database, nullptr};
  Webhooks webhooks{loop, client, *database, texts, random, {}, [](std::int64_t) { return nullptr; }};
  std::optional<Millis> service;
  RetentionClock retention{[this] { return service; }};
};

TEST_F(ChoresTest, OldMessagesGoInSmallStepsByTheTimer) {
  service = clock.now().wall;
  const std::int64_t now = clock.now().unix_seconds();
  for (int i = 0; i < 1000; ++i) add_message(now - 31 * 86400);
  for (int i = 0; i < 5; ++i) add_message(now);
  auto chores = with({30 * kDay, 0});
  database->begin();
  chores.start();
  pass(chores, kMinute);
  EXPECT_EQ(messages(), 1005) << "not at once";
  pass(chores, kHour);
  EXPECT_EQ(messages(), 5);
}

TEST_F(ChoresTest, AtFortyCommitsASecondForAnHourTheTableStaysWithinItsBound) {
  constexpr std::int64_t kKept = 500;
  auto chores = with({30 * kDay, kKept});
  database->begin();
  chores.start();
  std::int64_t most = 0, seq = 0;
  for (int second = 0; second < 3600; ++second) {
    for (int i = 0; i < 40; ++i)
      tick(chores, [&] { add_message(clock.now().unix_seconds(), std::to_string(++seq)); });
    most = std::max(most, messages());
    pass(chores, kSecond);
  }
  EXPECT_LE(most, kKept + Chores::kTogether);
  EXPECT_GE(messages(), kKept) << "and no more goes than must";
}

TEST_F(ChoresTest, WhatWasFarBeyondTheBoundShrinksWhileMoreComesIn) {
  for (int i = 0; i < 5000; ++i) add_message(1, std::to_string(i));
  auto chores = with({0, 500});
  database->begin();
  for (int i = 0; i < 6000; ++i)
    tick(chores, [&] { add_message(1, "N" + std::to_string(i)); });  // no timer, no time passes
  EXPECT_LT(messages(), 5000) << "more goes than comes";
}

TEST_F(ChoresTest, WhatWaitsInTheOutboxBeforeTheRestHoldsNothingUp) {
  database->begin();
  for (int i = 0; i < 700; ++i) {
    const auto id = "W" + std::to_string(i);
    store::MessageRow row;
    row.id = id;
    row.chat = wire::pn("491510000002");
    row.sender = wire::pn("491510000001", 1);
    row.from_me = true;
    row.type = "text";
    store::Messages(*database, session).insert(row);
    database->prepare("INSERT INTO outbox (session_id, seq, id, chat, created_ms) VALUES (?, ?, ?, 'c', 1)")
        .bind(session)
        .bind(std::int64_t{i})
        .bind(id)
        .run();
  }
  ASSERT_TRUE(database->commit());
  auto chores = with({0, 100});
  database->begin();
  for (int i = 0; i < 2000; ++i) tick(chores, [&] { add_message(1, "N" + std::to_string(i)); });
  EXPECT_LE(messages(), 700 + 100 + Chores::kTogether);
  EXPECT_GE(messages(), 700 + 100) << "none that waits has gone";
}

TEST_F(ChoresTest, WithoutBoundsEverythingStaysAndNothingIsWritten) {
  add_message(1);
  auto chores = with({0, 0});
  const auto before = database->commits();
  database->begin();
  chores.start();
  pass(chores, kDay);
  EXPECT_EQ(messages(), 1);
  EXPECT_EQ(database->commits(), before);
}

TEST_F(ChoresTest, WhereNothingIsToBeDoneItWakesOncePerHour) {
  auto chores = with({30 * kDay, 100});
  database->begin();
  chores.start();
  pass(chores, kHour);
  int wakes = 0;
  const Millis until = clock.mono + kDay;
  while (*loop.next_due() <= until) {
    clock.mono = *loop.next_due();
    loop.run_once(clock.mono);
    tick(chores);
    ++wakes;
  }
  EXPECT_LE(wakes, 25);
}

TEST_F(ChoresTest, EndedDeliveriesGoWithTheirAge) {
  service = clock.now().wall;
  add_ended_deliveries(3, 1);
  auto chores = with({30 * kDay, 0});
  database->begin();
  chores.start();
  pass(chores, kHour);
  auto row = database->prepare("SELECT count(*) FROM webhook_outcome");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), 0) << "nobody has that URL any more: its queue goes as well";
}

TEST_F(ChoresTest, AClockThatCannotBeTrueRemovesNothingForItsAge) {
  const Millis truth = clock.now().wall;
  for (int i = 0; i < 10; ++i) add_message(truth / kSecond);
  add_ended_deliveries(3, truth);
  for (const Millis wrong : {Millis{0}, Millis{4070908800000}}) {
    clock.wall_offset = wrong;
    retention.begin(clock.now(), truth);
    auto chores = with({30 * kDay, 0});
    database->begin();
    chores.start();
    pass(chores, 3 * kDay);
    EXPECT_EQ(messages(), 10) << wrong;
    auto row = database->prepare("SELECT count(*) FROM webhook_outcome");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), 3) << wrong;
    database->rollback();
  }
}

TEST_F(ChoresTest, EventsGoBeyondTheirNumberAndAgeAndThoseThatDeliveriesNeedStay) {
  service = clock.now().wall;
  add_ended_deliveries(3, clock.now().wall);
  for (std::int64_t seq = 4; seq <= 1000; ++seq)
    store::add_event(*database, {seq, session, 1, seq > 800 ? clock.now().wall : 1, {}}, 0);
  const auto events = [&] {
    auto row = database->prepare("SELECT count(*) FROM event");
    return row.step() ? row.integer(0) : -1;
  };
  auto chores = with({0, 0, 2 * kDay, 300});
  database->begin();
  chores.start();
  pass(chores, kHour);
  EXPECT_EQ(events(), 3 + 200);
  EXPECT_EQ(store::oldest_event(*database), 1);
}

TEST_F(ChoresTest, AnErasedAccountGoesInStepsAlsoAfterARestart) {
  for (int i = 0; i < 3000; ++i) add_message(1, std::to_string(i));
  {
    auto chores = with({0, 0});
    database->begin();
    tick(chores, [&] { store::SessionTable(*database).remove(session); });
    EXPECT_EQ(messages(), 3000);
    pass(chores, 300);
    EXPECT_LT(messages(), 3000);
    EXPECT_GT(messages(), 0);
  }
  auto chores = with({0, 0});
  chores.start();
  pass(chores, kHour);
  EXPECT_EQ(messages(), 0);
  auto row = database->prepare("SELECT count(*) FROM session");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), 0);
}

}  // namespace
}  // namespace pigeond::gateway
