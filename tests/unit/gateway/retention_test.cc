#include "gateway/storage/retention.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

constexpr Millis kNow = 1795000000000;  // November 2026
constexpr Millis kBoot = 5000;          // mono

class RetentionClockTest : public testing::Test {
 protected:
  // A clock that says `wall` at the start and runs as it should, after `running`.
  bool plausible(Millis wall, Millis running = 0) {
    clock.begin({kBoot, wall}, newest);
    return clock.plausible({kBoot + running, wall + running});
  }

  std::optional<Millis> service;
  Millis newest = kNow;
  RetentionClock clock{[this] { return service; }};
};

TEST_F(RetentionClockTest, AClockBesideTheNewestMessageIsBelieved) {
  EXPECT_TRUE(plausible(kNow));
  EXPECT_TRUE(plausible(kNow + 2 * kDay));
  EXPECT_TRUE(plausible(kNow - kHour));
}

TEST_F(RetentionClockTest, NeitherIn1970NorIn2099IsAnythingOld) {
  EXPECT_FALSE(plausible(0));
  EXPECT_FALSE(plausible(0, 30 * kDay)) << "however long it runs";
  EXPECT_FALSE(plausible(4070908800000));
  EXPECT_FALSE(plausible(4070908800000, 30 * kDay));
  EXPECT_FALSE(plausible(kNow - 2 * kDay));
}

TEST_F(RetentionClockTest, WhatTheServiceSaysDecides) {
  service = kNow;
  EXPECT_TRUE(plausible(kNow + kHour));
  EXPECT_FALSE(plausible(4070908800000));
  service = kNow + 90 * kDay;
  EXPECT_TRUE(plausible(kNow + 90 * kDay)) << "it was off for a quarter of a year";
}

TEST_F(RetentionClockTest, AGatewayThatWasOffForLongWaitsForTheServiceOrADay) {
  EXPECT_FALSE(plausible(kNow + 90 * kDay));
  EXPECT_TRUE(plausible(kNow + 90 * kDay, kDay));
}

TEST_F(RetentionClockTest, AClockThatJumpsWhileItRunsIsNotSteady) {
  clock.begin({kBoot, kNow}, newest);
  EXPECT_TRUE(clock.plausible({kBoot + 2 * kDay, kNow + 2 * kDay}));
  EXPECT_FALSE(clock.plausible({kBoot + 2 * kDay, kNow + 60 * kDay}));
}

TEST_F(RetentionClockTest, WithoutAnyMessageADayHasToPass) {
  newest = 0;
  EXPECT_FALSE(plausible(kNow));
  EXPECT_TRUE(plausible(kNow, kDay));
}

}  // namespace
}  // namespace pigeond::gateway
