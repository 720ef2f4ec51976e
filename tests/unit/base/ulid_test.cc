#include "base/ulid.h"

#include <gtest/gtest.h>

#include <set>

namespace pigeond {
namespace {

TEST(Ulid, BeginsWithItsTimeAndIsAnotherEachTime) {
  SeededRandom random(1);
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    const auto one = ulid(1469918176385, random);
    EXPECT_EQ(one.size(), 26u);
    EXPECT_EQ(one.substr(0, 10), "01aryz6s41") << "the time of the specification's example";
    EXPECT_EQ(one.find_first_not_of(kCrockfordAlphabet), std::string::npos) << one;
    made.insert(one);
  }
  EXPECT_EQ(made.size(), 100u);
  EXPECT_EQ(ulid(0xFFFFFFFFFFFF, random).substr(0, 10), "7zzzzzzzzz");
}

}  // namespace
}  // namespace pigeond
