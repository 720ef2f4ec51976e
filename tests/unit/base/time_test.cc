#include "base/time.h"

#include <gtest/gtest.h>
#include <time.h>

namespace pigeond {
namespace {

TEST(SystemClock, WallIsMillisecondsOfUnixTime) {
  const auto before = time(nullptr);
  const auto now = SystemClock().now();
  const auto after = time(nullptr);
  // time(2) may read the second of the last tick, one too early.
  EXPECT_GE(now.unix_seconds(), before);
  EXPECT_LE(now.unix_seconds(), after + 1);
}

TEST(SystemClock, MonoNeverGoesBack) {
  SystemClock clock;
  Millis last = clock.now().mono;
  EXPECT_GT(last, 0);
  for (int i = 0; i < 1000; ++i) {
    const auto now = clock.now().mono;
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Instant, SecondsAreCutNotRounded) {
  const Instant instant{0, 1999};
  EXPECT_EQ(instant.unix_seconds(), 1);
}

}  // namespace
}  // namespace pigeond
