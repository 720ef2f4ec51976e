#include "gateway/pruning.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "store/messages.h"
#include "store/sessions.h"

namespace pigeond::gateway {
namespace {

class PruningTest : public ::testing::Test {
 protected:
  void add_message(std::int64_t timestamp) {
    store::MessageRow row;
    row.id = "A";
    row.chat = row.sender = wire::pn("491510000002");
    row.timestamp = timestamp;
    row.type = "text";
    store::Messages(*database, session).insert(row);
  }
  std::int64_t messages() {
    auto row = database->prepare("SELECT count(*) FROM message");
    return row.step() ? row.integer(0) : -1;
  }

  SystemClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  net::Network network{loop, random};
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  std::int64_t session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
  net::HttpClient client{network};
  Webhooks webhooks{loop, client, *database, random, {}, [](std::int64_t) { return nullptr; }};
};

TEST_F(PruningTest, ManyOldMessagesGoInManySmallSteps) {
  const std::int64_t now = loop.now().unix_seconds();
  for (int i = 0; i < 100; ++i) add_message(now - 31 * 86400);
  for (int i = 0; i < 5; ++i) add_message(now);
  Pruning pruning(loop, *database, webhooks, {30 * kDay, 0});
  int steps = 0;
  while (pruning.step() > 0) ++steps;
  EXPECT_GE(steps, 4);
  EXPECT_EQ(messages(), 5);
}

TEST_F(PruningTest, WithoutBoundsEverythingStaysAndNothingIsWritten) {
  add_message(1);
  Pruning pruning(loop, *database, webhooks, {0, 0});
  const auto before = database->commits();
  EXPECT_EQ(pruning.step(), 0);
  EXPECT_EQ(messages(), 1);
  EXPECT_EQ(database->commits(), before);
}

TEST_F(PruningTest, EndedDeliveriesGoWithTheirAge) {
  const auto queue = store::add_webhook_queue(*database, session, "http://a/");
  for (std::int64_t number = 1; number <= 3; ++number) {
    store::add_webhook_delivery(*database, {store::webhook_id(queue, number), 0, "message", "e", "b", 1}, 0);
    store::add_webhook_outcome(*database, {store::webhook_id(queue, number), true, 1, "status 500", 1});
  }
  webhooks.resume();
  Pruning pruning(loop, *database, webhooks, {30 * kDay, 0});
  EXPECT_EQ(pruning.step(), 3) << "the last one too, as nobody has that URL any more";
  EXPECT_EQ(pruning.step(), 0);
}

}  // namespace
}  // namespace pigeond::gateway
