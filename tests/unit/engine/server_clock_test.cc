// The service's time, when the wall clock is wrong or jumps.
#include "engine/link/server_clock.h"

#include <gtest/gtest.h>

namespace pigeond::engine {
namespace {

constexpr Millis kWall = 1'700'000'000 * kSecond;

TEST(ServerClock, IsTheWallClockUntilTheServiceHasTold) {
  EXPECT_EQ(ServerClock().at({5, kWall}), kWall);
}

TEST(ServerClock, GoesOnFromWhatWasToldWhateverTheWallClockDoes) {
  ServerClock clock;
  clock.told({1000, kWall}, 1'700'000'100);
  EXPECT_EQ(clock.at({1000, kWall}), kWall + 100 * kSecond);
  EXPECT_EQ(clock.at({1000 + kHour, kWall + 30 * kDay}), kWall + 100 * kSecond + kHour);
  EXPECT_EQ(clock.at({1000 + kHour, 0}), kWall + 100 * kSecond + kHour);
}

TEST(ServerClock, BelievesTheLatestLogin) {
  ServerClock clock;
  clock.told({1000, kWall}, 1'700'000'100);
  clock.told({2000, kWall}, 1'700'000'000);
  EXPECT_EQ(clock.at({2000, 0}), kWall);
}

TEST(ServerClock, IgnoresSenselessTimes) {
  ServerClock clock;
  clock.told({1000, kWall}, std::nullopt);
  for (const std::uint64_t t : {std::uint64_t{0}, std::uint64_t{12}, std::uint64_t{1} << 40, UINT64_MAX})
    clock.told({1000, kWall}, t);
  EXPECT_EQ(clock.at({2000, kWall}), kWall);
}

}  // namespace
}  // namespace pigeond::engine
