#include "gateway/session/health.h"

#include <gtest/gtest.h>

#include "engine/messages/out/send_causes.h"

namespace pigeond::gateway {
namespace {

using What = SendHealth::Verdict::What;
using Ids = std::vector<std::string>;

class Ladder : public testing::Test {
 protected:
  SendHealth::Verdict held(const std::string& chat, const std::string& id) {
    health.troubled(++mono, chat);
    return health.held(++mono, chat, id);
  }
  SendHealth::Verdict success(const std::string& chat, const std::string& id = "ok") {
    return health.ended(++mono, chat, id, nullptr);
  }
  SendHealth::Verdict failure(const std::string& chat, const std::string& id, int code) {
    const Error error = engine::refused_with(code);
    return health.ended(++mono, chat, id, &error);
  }

  SeededRandom random{7};
  SendHealth health{random};
  Millis mono = 1000;
};

TEST_F(Ladder, OneChatThatFailsAfterItsOwnHealingRestartsTheSessionOnce) {
  const auto first = held("A", "1");
  EXPECT_EQ(first.what, What::restart);
  EXPECT_TRUE(first.ends.empty()) << "it goes out again";
  EXPECT_TRUE(health.restart_planned());
  health.restarted();
  const auto second = held("A", "1");
  EXPECT_EQ(second.what, What::nothing);
  EXPECT_EQ(second.ends, Ids{"1"});
}

TEST_F(Ladder, AChatThatFailsWhileOthersSucceedIsItsOwnMatterForEver) {
  health.troubled(++mono, "A");
  success("B");
  for (int i = 0; i < 50; ++i) {
    const auto verdict = held("A", std::to_string(i));
    EXPECT_EQ(verdict.what, What::nothing);
    EXPECT_EQ(verdict.ends, Ids{std::to_string(i)});
    if (i % 7 == 0) success("C");
  }
}

// A contact is known by the LID alone until something tells the number.
TEST_F(Ladder, AChatIsTheSameUnderItsOtherAddress) {
  health.troubled(++mono, "A@lid");
  success("B");
  health.are_one("A@lid", "A");
  EXPECT_EQ(held("A", "1").ends, Ids{"1"});
  health.are_one("A@lid", "A");  // is known already
  EXPECT_EQ(held("A", "2").ends, Ids{"2"});
}

TEST_F(Ladder, WhatIsHeldUnderAnotherAddressIsStillOneChat) {
  EXPECT_EQ(held("A@lid", "1").what, What::restart);
  health.restarted();
  EXPECT_EQ(held("A@lid", "1").ends, Ids{"1"});
  health.are_one("A@lid", "A");
  EXPECT_EQ(held("A", "2").what, What::nothing) << "one chat with two messages, not two chats";
}

TEST_F(Ladder, ASuccessElsewhereCallsAPlannedRestartOffAndEndsWhatIsHeld) {
  EXPECT_EQ(held("A", "1").what, What::restart);
  EXPECT_EQ(held("B", "2").what, What::nothing) << "planned already";
  const auto verdict = success("C");
  EXPECT_TRUE(verdict.called_off);
  EXPECT_EQ(verdict.ends, (Ids{"1", "2"}));
  EXPECT_FALSE(health.restart_planned());
}

TEST_F(Ladder, ChatsThatAllFailEndInFailedWithinTheBudget) {
  Millis total = 0;
  for (int i = 0; i < SendHealth::kRestarts; ++i) {
    const auto verdict = held("A", "1");
    ASSERT_EQ(verdict.what, What::restart) << i;
    EXPECT_TRUE(held("B", "2").ends.empty());
    mono += verdict.delay;
    total += verdict.delay;
    health.restarted();
  }
  EXPECT_EQ(held("B", "2").what, What::give_up);
  EXPECT_LT(total, 6 * kMinute);
}

TEST_F(Ladder, TheLastVerdictEndsWhatIsHeld) {
  SendHealth frugal(random, 1);
  EXPECT_EQ(frugal.held(1, "A", "1").what, What::restart);
  EXPECT_EQ(frugal.held(2, "B", "2").what, What::nothing);
  frugal.restarted();
  const auto verdict = frugal.held(10, "B", "2");
  EXPECT_EQ(verdict.what, What::give_up);
  EXPECT_EQ(verdict.ends, Ids{"2"});
}

TEST_F(Ladder, AloneOneChatHasToFailWithSeveralMessagesBeforeTheSessionPaysForItAgain) {
  EXPECT_EQ(held("A", "1").what, What::restart);
  health.restarted();
  EXPECT_EQ(held("A", "1").ends, Ids{"1"});
  EXPECT_EQ(held("A", "2").ends, Ids{"2"});
  EXPECT_EQ(held("A", "3").what, What::restart) << "nothing at all gets through";
}

TEST_F(Ladder, RefusalsThatMayBeTheRecipientsTakeThreeChats) {
  EXPECT_EQ(failure("A", "1", 403).what, What::nothing);
  EXPECT_EQ(failure("A", "2", 403).what, What::nothing);
  EXPECT_EQ(failure("B", "3", 405).what, What::nothing);
  EXPECT_EQ(failure("C", "4", 999).what, What::restart);
}

TEST_F(Ladder, LocksOfTheAccountNeverRestartAnything) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(failure(std::to_string(i), std::to_string(i), 463).what, What::nothing);
    EXPECT_EQ(failure(std::to_string(i), std::to_string(i), 475).what, What::nothing);
    EXPECT_EQ(failure(std::to_string(i), std::to_string(i), 413).what, What::nothing);
  }
}

TEST_F(Ladder, WhatExpiredOrWasTakenBackSaysNothing) {
  for (const Cause cause : {Cause::expired, Cause::cancelled, Cause::not_on_whatsapp, Cause::link_lost}) {
    const Error error = fail(cause);
    for (const char* chat : {"A", "B", "C", "D"})
      EXPECT_EQ(health.ended(++mono, chat, chat, &error).what, What::nothing) << cause_name(cause);
  }
}

TEST_F(Ladder, DelaysGrowAndSessionsDontGoInStep) {
  std::set<Millis> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SeededRandom other(seed);
    SendHealth one(other);
    firsts.insert(one.held(1, "A", "1").delay);
  }
  EXPECT_GT(firsts.size(), 10u);
  Millis before = 0;
  for (int i = 0; i < SendHealth::kRestarts; ++i) {
    const auto verdict = i % 2 == 0 ? held("A", "1") : held("B", "2");
    if (verdict.what != What::restart) continue;
    EXPECT_GT(verdict.delay, before);
    before = verdict.delay;
    health.restarted();
  }
}

TEST_F(Ladder, TheBudgetIsFullAgainAfterAWhileOrWhenAPersonHelps) {
  SendHealth frugal(random, 1);
  EXPECT_EQ(frugal.held(1, "A", "1").what, What::restart);
  frugal.restarted();
  EXPECT_EQ(frugal.held(SendHealth::kWindow + 10 * kMinute, "B", "2").what, What::restart);
  frugal.reset();
  EXPECT_EQ(frugal.held(SendHealth::kWindow + 11 * kMinute, "C", "3").what, What::restart);
}

}  // namespace
}  // namespace pigeond::gateway
