#include "gateway/session_name.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

TEST(SessionName, OfASessionThatNobodyNamedIsOneLikeAnyOther) {
  SeededRandom random(1);
  const auto name = made_session_name(1469918176385, random);
  EXPECT_EQ(name.substr(0, 18), "session_01aryz6s41");
  EXPECT_EQ(name.size(), 34u);
  EXPECT_TRUE(is_session_name(name));
  EXPECT_NE(made_session_name(1469918176385, random), name);
}

}  // namespace
}  // namespace pigeond::gateway
