#include "store/messages/healing_steps.h"

#include <gtest/gtest.h>

#include "store/messages/outbox.h"
#include "store/sessions.h"

namespace pigeond::store {
namespace {

class HealingStepsTest : public testing::Test {
 protected:
  HealingStepsTest() {
    database = std::move(*Database::open(":memory:"));
    database->begin();
    SessionTable sessions(*database);
    one = sessions.create({0, "one", "{}", true, 0});
    two = sessions.create({0, "two", "{}", true, 0});
  }
  static HealingStepRow step(const std::string& name, Millis at) {
    return {0, at, "chat", name, "bad_request", 400, "4911@s.whatsapp.net", "pending"};
  }

  std::unique_ptr<Database> database;
  std::int64_t one = 0, two = 0;
};

TEST_F(HealingStepsTest, TellTheirOutcomeNewestFirst) {
  HealingSteps steps(*database, one);
  const auto seq = steps.insert(step("renew_chat", 10));
  steps.insert(step("other_form", 20));
  steps.set_outcome(seq, "failed");
  HealingSteps(*database, two).set_outcome(seq, "healed");  // not its own
  const auto rows = steps.newest();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].step, "other_form");
  EXPECT_EQ(rows[0].outcome, "pending");
  EXPECT_EQ(rows[1].step, "renew_chat");
  EXPECT_EQ(rows[1].outcome, "failed");
  EXPECT_EQ(rows[1].at, 10);
  EXPECT_EQ(rows[1].code, 400);
  EXPECT_EQ(rows[1].chat, "4911@s.whatsapp.net");
}

TEST_F(HealingStepsTest, AreBoundedForEachSession) {
  HealingSteps steps(*database, one), others(*database, two);
  others.insert(step("first", 1));
  for (int i = 0; i < HealingSteps::kSteps + 30; ++i) steps.insert(step(std::to_string(i), i));
  const auto rows = steps.newest();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(HealingSteps::kSteps));
  EXPECT_EQ(rows.front().step, std::to_string(HealingSteps::kSteps + 29));
  EXPECT_EQ(others.newest().size(), 1u);
}

TEST_F(HealingStepsTest, AnOutboxRowKnowsWhatWasTried) {
  Outbox outbox(*database, one);
  OutboxRow row;
  row.id = "ID";
  row.chat = wire::pn("4911");
  const auto seq = outbox.insert(row, Bytes{1, 2});
  outbox.set_trouble(seq, 3, 1, "bad_request", 400);
  outbox.drop_stanza(seq);
  const auto kept = outbox.all().at(0);
  EXPECT_FALSE(kept.encrypted);
  EXPECT_EQ(kept.attempts, 3);
  EXPECT_EQ(kept.renewals, 1);
  EXPECT_EQ(kept.cause, "bad_request");
  EXPECT_EQ(kept.code, 400);
  EXPECT_FALSE(outbox.stanza(seq).has_value());
}

}  // namespace
}  // namespace pigeond::store
