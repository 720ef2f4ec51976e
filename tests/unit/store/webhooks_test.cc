#include "store/webhooks/webhooks.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/database/migrations.h"
#include "store/erasing.h"
#include "store/sessions.h"
#include "store/webhooks/log.h"
#include "unit/store/temporary.h"

namespace pigeond::store {
namespace {

class WebhookRows : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});
  std::int64_t queue = add_webhook_queue(*database, session, "http://a/");

  std::int64_t add(std::int64_t number, std::int64_t to = 0) {
    const auto id = webhook_id(to == 0 ? queue : to, number);
    add_webhook_delivery(*database, {id, 0, "message", "evt", "body", 1000 * number}, number % 2);
    return id;
  }
  void end(std::int64_t id, bool dead = false) { add_webhook_outcome(*database, {id, dead, 1, "why", 5}); }
  std::vector<std::int64_t> ids(const WebhookLogFilter& filter) {
    std::vector<std::int64_t> out;
    for (const auto& entry : webhook_log(*database, queue, filter))
      out.push_back(entry.delivery.id - webhook_id(queue, 0));
    return out;
  }
  using Numbers = std::vector<std::int64_t>;
};

TEST_F(WebhookRows, AQueueKnowsItsOwnRowsOnly) {
  const auto other = add_webhook_queue(*database, session, "http://b/");
  add(1);
  add(2);
  add(1, other);
  end(add(3));
  const auto state = webhook_queue_state(*database, queue);
  EXPECT_EQ(state.last, webhook_id(queue, 3));
  EXPECT_EQ(state.first, webhook_id(queue, 1));
  EXPECT_EQ(state.pending, 2);
  EXPECT_EQ(pending_webhooks(*database, webhook_id(queue, 1), state.last, 9).size(), 1u);
  EXPECT_EQ(webhook_queues(*database, session).size(), 2u);
  remove_webhook_queue(*database, other);
  EXPECT_FALSE(webhook_delivery(*database, webhook_id(other, 1)));
  EXPECT_TRUE(webhook_delivery(*database, webhook_id(queue, 1)));
  EXPECT_EQ(pending_webhooks(*database, webhook_id(other, 0), webhook_id(other, 9), 9).size(), 0u);
}

TEST_F(WebhookRows, TheNextOfALineIsPendingAndWithinBounds) {
  for (std::int64_t number = 1; number <= 6; ++number) add(number);
  const auto next = [&](std::int64_t line, std::int64_t after, std::int64_t until) -> std::int64_t {
    const auto id = next_in_webhook_line(*database, line, webhook_id(queue, after), webhook_id(queue, until));
    return id ? *id - webhook_id(queue, 0) : 0;
  };
  end(webhook_id(queue, 3));
  EXPECT_EQ(next(1, 0, 6), 1);
  EXPECT_EQ(next(1, 1, 6), 5);
  EXPECT_EQ(next(1, 1, 4), 0);
  EXPECT_EQ(next(0, 2, 6), 4);
  EXPECT_EQ(next(7, 0, 6), 0);
}

TEST_F(WebhookRows, AReplayKeepsItsLineAndItsOldIdIsNotGivenAgain) {
  const auto other = add_webhook_queue(*database, session, "http://b/");
  end(add(1), true);
  end(add(3), true);
  replay_webhook_delivery(*database, webhook_id(queue, 3), webhook_id(other, 1), false);
  const auto waiting = pending_webhooks(*database, webhook_id(other, 0), webhook_id(other, 9), 9);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].line, 1);
  EXPECT_EQ(webhook_queue_state(*database, queue).last, webhook_id(queue, 3));
  EXPECT_EQ(webhook_dead_letters(*database, queue), 1);
  EXPECT_EQ(webhook_waits_since(*database, other), 3000);
  EXPECT_EQ(webhook_waits_since(*database, queue), 0);
}

TEST_F(WebhookRows, WhatIsOverIsPrunedToItsLastRow) {
  for (std::int64_t number = 1; number <= 3; ++number) end(add(number));
  EXPECT_EQ(prune_webhook_log(*database, queue, {2, 2, 100, true}, 10), 3);
  EXPECT_FALSE(has_webhook_deliveries(*database, queue));
}

TEST_F(WebhookRows, GoWithTheirSession) {
  const auto id = add(1);
  end(id);
  SessionTable(*database).remove(session);
  EXPECT_TRUE(webhook_queues(*database).empty());
  while (erase_step(*database, 1) > 0) {
  }
  EXPECT_FALSE(webhook_delivery(*database, id));
  EXPECT_FALSE(webhook_outcome(*database, id));
}

TEST_F(WebhookRows, AnOutcomeIsTheFirstAndNeedsItsDelivery) {
  const auto id = add(1);
  end(id, true);
  end(id, false);
  EXPECT_TRUE(webhook_outcome(*database, id)->dead);
  end(webhook_id(queue, 9));
  EXPECT_FALSE(webhook_outcome(*database, webhook_id(queue, 9)));
}

TEST_F(WebhookRows, TheLogIsFilteredByStateIdAndTime) {
  for (std::int64_t number = 1; number <= 6; ++number) add(number);
  end(webhook_id(queue, 1));
  end(webhook_id(queue, 2), true);
  end(webhook_id(queue, 3));
  end(webhook_id(queue, 4), true);
  WebhookLogFilter filter;
  filter.limit = 10;
  EXPECT_EQ(ids(filter), (Numbers{1, 2, 3, 4, 5, 6}));
  filter.state = WebhookState::pending;
  EXPECT_EQ(ids(filter), (Numbers{5, 6}));
  filter.state = WebhookState::delivered;
  EXPECT_EQ(ids(filter), (Numbers{1, 3}));
  filter.state = WebhookState::dead;
  EXPECT_EQ(ids(filter), (Numbers{2, 4}));
  filter.from_id = webhook_id(queue, 3);
  EXPECT_EQ(ids(filter), (Numbers{4}));
  filter = {};
  filter.limit = 2;
  filter.from_ms = 2000;
  filter.to_ms = 4000;
  EXPECT_EQ(ids(filter), (Numbers{2, 3}));
}

TEST_F(WebhookRows, PruningKeepsTheNewestOfEachKindAndTheLastRow) {
  for (std::int64_t number = 1; number <= 6; ++number) end(add(number), number % 2 == 0);
  EXPECT_EQ(prune_webhook_log(*database, queue, {2, 1, 0, false}, 10), 3);
  WebhookLogFilter all;
  all.limit = 10;
  EXPECT_EQ(ids(all), (Numbers{3, 5, 6}));
  EXPECT_EQ(prune_webhook_log(*database, queue, {2, 1, 0, false}, 10), 0);
  EXPECT_EQ(prune_webhook_log(*database, queue, {2, 1, 6, false}, 10), 2);
  EXPECT_EQ(webhook_queue_state(*database, queue).last, webhook_id(queue, 6))
      << "the next id is counted from it";
}

TEST(WebhookMigration, WhatWaitedStillWaitsInItsOrder) {
  TemporaryFolder folder;
  const auto path = folder.file("pigeond.db");
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  const std::string rows =
      std::string(migrations()[0].sql) +
      "PRAGMA user_version=1;"
      "INSERT INTO session VALUES (7, 's', '{}', 1, 0);"
      "INSERT INTO webhook_delivery (session_id, url, event_id, body, created_ms) VALUES"
      " (7, 'http://b/', 'e1', '{\"event\":\"message\"}', 1), (7, 'http://a/', 'e2', 'odd', 2),"
      " (7, 'http://b/', 'e3', '{\"event\":\"message.ack\"}', 3);";
  ASSERT_EQ(sqlite3_exec(handle, rows.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
  const auto database = Database::open(path);
  ASSERT_TRUE(database) << database.error().detail;
  std::string told;
  for (const auto& queue : webhook_queues(**database, 7)) {
    told += queue.url + ":";
    std::int64_t at = webhook_id(queue.queue, 0);
    for (const auto& place : pending_webhooks(**database, at, at + 9, 9)) {
      EXPECT_EQ(place.id, ++at);
      EXPECT_EQ(place.line, kAlone) << "nobody knows any more what belongs together";
      const auto delivery = webhook_delivery(**database, place.id);
      told += " " + delivery->event_id + "=" + delivery->event;
    }
    told += ";";
  }
  EXPECT_EQ(told, "http://a/: e2=;http://b/: e1=message e3=message.ack;");
}

}  // namespace
}  // namespace pigeond::store
