#include "gateway/health.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

using Advice = SendHealth::Advice;

const Error kNoAck = fail(Cause::no_ack);
const Error kRefused = fail(Cause::ack_error, "refused", 400);

Advice fail_in_chats(SendHealth& health, Millis mono, const Error& error = kRefused) {
  EXPECT_EQ(health.sent(mono, "1", &error), Advice::nothing);
  EXPECT_EQ(health.sent(mono, "2", &error), Advice::nothing);
  return health.sent(mono, "3", &error);
}

TEST(SendHealth, AdvisesARestartWhenThreeChatsFailInARow) {
  SendHealth health;
  EXPECT_EQ(fail_in_chats(health, 0), Advice::restart);
  SendHealth silent;
  EXPECT_EQ(fail_in_chats(silent, 0, kNoAck), Advice::restart);
}

TEST(SendHealth, LeavesOneChatsTroubleToThatChat) {
  SendHealth health;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(health.sent(i, "1", &kRefused), Advice::nothing);
}

TEST(SendHealth, ForgetsFailuresAfterASuccess) {
  SendHealth health;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(health.sent(i, "1", &kRefused), Advice::nothing);
    EXPECT_EQ(health.sent(i, "2", &kRefused), Advice::nothing);
    EXPECT_EQ(health.sent(i, "4", nullptr), Advice::nothing);
  }
}

TEST(SendHealth, BlamesTheSessionForItsOwnCausesOnly) {
  EXPECT_TRUE(counts_against_session(kNoAck));
  EXPECT_TRUE(counts_against_session(fail(Cause::ack_error, "", 479)));
  EXPECT_FALSE(counts_against_session(fail(Cause::ack_error, "", 463)));
  EXPECT_FALSE(counts_against_session(fail(Cause::not_on_whatsapp)));
  EXPECT_FALSE(counts_against_session(fail(Cause::link_lost)));
  EXPECT_FALSE(counts_against_session(fail(Cause::expired)));
  EXPECT_FALSE(counts_against_session(fail(Cause::cancelled)));
}

TEST(SendHealth, GivesUpWhenTheBudgetIsSpentAndWaitsLongerEachTime) {
  SendHealth health;
  Millis last = 0;
  for (int i = 0; i < SendHealth::kRestarts; ++i) {
    ASSERT_EQ(fail_in_chats(health, i), Advice::restart);
    EXPECT_GT(health.restart_delay(), last);
    last = health.restart_delay();
  }
  EXPECT_EQ(fail_in_chats(health, 100), Advice::give_up);
  EXPECT_EQ(fail_in_chats(health, SendHealth::kWindow + 100), Advice::restart);
}

TEST(SendHealth, StartsAfreshWhenAPersonRestartsTheSession) {
  SendHealth health;
  for (int i = 0; i < SendHealth::kRestarts; ++i) ASSERT_EQ(fail_in_chats(health, i), Advice::restart);
  health.reset();
  EXPECT_EQ(fail_in_chats(health, 10), Advice::restart);
  EXPECT_EQ(health.restarts(), 1);
}

}  // namespace
}  // namespace pigeond::gateway
