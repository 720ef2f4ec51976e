#include "store/webhooks/webhooks.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

#include "store/database/migrations.h"
#include "store/erasing.h"
#include "store/events.h"
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
    const auto seq = journal_state(*database).last + 1;
    add_event(*database, {seq, session, 1, 1000 * number, {}}, 1);
    add_webhook_delivery(*database, {id, 0, seq, 0}, number % 2);
    return id;
  }
  // Whether each event counts the deliveries that there are.
  bool holders_are_right() {
    auto row = database->prepare(
        "SELECT count(*) FROM event e WHERE holders !="
        " (SELECT count(*) FROM webhook_pending p WHERE p.event = e.seq)"
        " + (SELECT count(*) FROM webhook_outcome o WHERE o.event = e.seq)");
    return row.step() && row.integer(0) == 0;
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

TEST_F(WebhookRows, AnEventIsKeptAsLongAsADeliveryNeedsIt) {
  const auto other = add_webhook_queue(*database, session, "http://b/");
  add(1);
  end(add(2), true);
  end(add(3));
  add(1, other);
  EXPECT_TRUE(holders_are_right());
  replay_webhook_delivery(*database, webhook_id(queue, 2), webhook_id(other, 2), false);
  replay_webhook_delivery(*database, webhook_id(queue, 3), webhook_id(queue, 4), true);
  EXPECT_TRUE(holders_are_right());
  EXPECT_EQ(prune_events(*database, {kDay, 0}, 0, 10).rows, 0) << "all are needed";
  EXPECT_EQ(webhook_delivery(*database, webhook_id(other, 2))->origin, webhook_id(queue, 2));
  end(webhook_id(queue, 4));
  EXPECT_EQ(prune_webhook_log(*database, queue, {0, 0, 0, true}, 10), 2);
  EXPECT_TRUE(holders_are_right());
  EXPECT_EQ(prune_events(*database, {kDay, 0}, 0, 10).rows, 1) << "its deliveries are gone";
  remove_webhook_queue(*database, other);
  EXPECT_TRUE(holders_are_right());
  EXPECT_EQ(prune_events(*database, {kDay, 0}, 0, 10).rows, 2);
  EXPECT_TRUE(find_event(*database, 1)) << "that waits";
  const auto state = journal_state(*database);
  EXPECT_EQ(state.last, 4);
  EXPECT_EQ(state.floor, 4) << "whoever comes back with an older one has missed something, perhaps";
}

TEST_F(WebhookRows, EventsGoBeyondTheirNumberInSteps) {
  for (std::int64_t seq = 1; seq <= 20; ++seq)
    add_event(*database, {seq, session, 1, seq, {}}, seq % 10 == 0);
  const EventBounds bounds{0, 5};
  EXPECT_EQ(last_event_beyond(*database, 5), 15);
  auto done = prune_events(*database, bounds, 0, 4);
  EXPECT_EQ(done.rows, 4);
  EXPECT_EQ(done.next, 4);
  done = prune_events(*database, bounds, done.next, 100);
  EXPECT_EQ(done.rows, 10) << "and the tenth is held";
  EXPECT_EQ(done.next, 0);
  EXPECT_EQ(oldest_event(*database), 10);
  ASSERT_EQ(events_after(*database, 10, 18, 100).size(), 3u);
  EXPECT_EQ(events_after(*database, 10, 18, 100)[0].seq, 16);
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

// A database of an older version, with `rows` in it.
void make_old(const std::string& path, std::size_t version, const std::string& rows) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  std::string all;
  for (std::size_t i = 0; i < version; ++i) all += std::string(migrations()[i].sql);
  all += "PRAGMA user_version=" + std::to_string(version) + ";" + rows;
  ASSERT_EQ(sqlite3_exec(handle, all.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

std::string lines_of(Database& database, const WebhookDelivery& delivery) {
  const auto event = find_event(database, delivery.event);
  if (!event || event->kind != 0) return "none";
  std::string lines(as_text(event->payload));
  std::replace(lines.begin(), lines.end(), '\n', '|');
  return lines;
}

TEST(WebhookMigration, WhatWaitedStillWaitsInItsOrder) {
  TemporaryFolder folder;
  const auto path = folder.file("pigeond.db");
  make_old(path, 1,
           "INSERT INTO session VALUES (7, 's', '{}', 1, 0);"
           "INSERT INTO webhook_delivery (session_id, url, event_id, body, created_ms) VALUES"
           " (7, 'http://b/', 'e1', '{\"event\":\"message\"}', 1), (7, 'http://a/', 'e2', 'odd', 2),"
           " (7, 'http://b/', 'e3', '{\"event\":\"message.ack\"}', 3);");
  const auto database = Database::open(path);
  ASSERT_TRUE(database) << database.error().detail;
  std::string told;
  for (const auto& queue : webhook_queues(**database, 7)) {
    told += queue.url + ":";
    std::int64_t at = webhook_id(queue.queue, 0);
    for (const auto& place : pending_webhooks(**database, at, at + 9, 9)) {
      EXPECT_EQ(place.id, ++at);
      EXPECT_EQ(place.line, kAlone) << "nobody knows any more what belongs together";
      told += " " + lines_of(**database, *webhook_delivery(**database, place.id));
    }
    told += ";";
  }
  EXPECT_EQ(told,
            "http://a/: |e2|odd;"
            "http://b/: message|e1|{\"event\":\"message\"} message.ack|e3|{\"event\":\"message.ack\"};");
}

TEST(WebhookMigration, WhatAnOlderVersionHasQueuedOrLoggedKeepsItsWordsAndItsPlace) {
  TemporaryFolder folder;
  const auto path = folder.file("pigeond.db");
  make_old(path, 9,
           "INSERT INTO session (id, name, config, running, created_ms) VALUES (7, 's', '{}', 1, 0);"
           "INSERT INTO webhook_queue (id, session_id, url, last) VALUES (3, 7, 'http://a/', (3 << 32) + 9);"
           "INSERT INTO webhook_delivery (id, origin, event, event_id, body, created_ms, line) VALUES"
           " ((3 << 32) + 1, 0, 'message', 'e1', '{\"a\":1}', 11, 5),"
           " ((3 << 32) + 2, 0, 'message', 'e2', 'line\none', 12, 6),"
           " ((3 << 32) + 4, (3 << 32) + 3, 'message.ack', 'e3', 'b', 13, 5);"
           "INSERT INTO webhook_pending VALUES ((3 << 32) + 2, 6), ((3 << 32) + 4, 5);"
           "INSERT INTO webhook_outcome VALUES ((3 << 32) + 1, 1, 4, 'status 500', 99);");
  const auto opened = Database::open(path);
  ASSERT_TRUE(opened) << opened.error().detail;
  Database& database = **opened;
  const auto waiting = pending_webhooks(database, webhook_id(3, 0), webhook_id(3, 99), 9);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].line, 6);
  EXPECT_EQ(lines_of(database, *webhook_delivery(database, waiting[0].id)), "message|e2|line|one");
  EXPECT_EQ(webhook_delivery(database, waiting[1].id)->origin, webhook_id(3, 3));
  EXPECT_EQ(webhook_queue_state(database, 3).last, webhook_id(3, 9)) << "ids are not given twice";
  WebhookLogFilter dead;
  dead.state = WebhookState::dead;
  dead.limit = 9;
  const auto letters = webhook_log(database, 3, dead);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].created_ms, 11);
  EXPECT_EQ(letters[0].outcome->why, "status 500");
  EXPECT_EQ(lines_of(database, letters[0].delivery), "message|e1|{\"a\":1}");
  replay_webhook_delivery(database, letters[0].delivery.id, webhook_id(3, 10), false);
  EXPECT_EQ(pending_webhooks(database, webhook_id(3, 9), webhook_id(3, 99), 9).at(0).line, 5);
  EXPECT_EQ(prune_events(database, {kDay, 0}, 0, 10).rows, 0);
  EXPECT_EQ(journal_state(database).last, 3);
}

}  // namespace
}  // namespace pigeond::store
