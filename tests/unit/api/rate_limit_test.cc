#include "api/keys/rate_limit.h"

#include <gtest/gtest.h>

namespace pigeond::api {
namespace {

TEST(RateLimit, TakesAsManyAtOnceAndThenAtTheirPace) {
  RateLimit limit(3, 60);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take(5000), 0) << i;
  EXPECT_EQ(limit.take(5000), 20 * kSecond);
  EXPECT_EQ(limit.take(15 * kSecond), 10 * kSecond) << "a refusal costs nothing";
  EXPECT_EQ(limit.take(25 * kSecond), 0);
  EXPECT_EQ(limit.take(25 * kSecond), 20 * kSecond);
  EXPECT_EQ(limit.take(1000 * kSecond), 0);
  EXPECT_EQ(limit.take(1000 * kSecond), 0);
  EXPECT_EQ(limit.take(1000 * kSecond), 0) << "what was not used is there again, but no more than all of it";
  EXPECT_GT(limit.take(1000 * kSecond), 0);
}

TEST(RateLimit, NoneIsNone) {
  RateLimit limit(0, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limit.take(0), 0);
}

}  // namespace
}  // namespace pigeond::api
