#include "base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/text.h"

namespace pigeond {
namespace {

// Hands out what it was given, so that a test knows what comes.
class Scripted final : public Random {
 public:
  explicit Scripted(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = bytes_.at(next_++);
  }
  std::size_t used() const { return next_; }

 private:
  Bytes bytes_;
  std::size_t next_ = 0;
};

TEST(SeededRandom, ASeedIsASequence) {
  SeededRandom one(42), same(42), other(43);
  const auto bytes = one.bytes(100);
  EXPECT_EQ(same.bytes(100), bytes);
  EXPECT_NE(other.bytes(100), bytes);
}

TEST(SeededRandom, IsXoshiro256StarStarSeededBySplitMix64) {
  // state = SplitMix64(0): e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec, whose first
  // output is rotl(s1 * 5, 7) * 9; least significant byte first.
  SeededRandom random(0);
  EXPECT_EQ(hex_lower(random.bytes(8)), "b4f275cb365fec99");
}

TEST(SeededRandom, SpreadsOverItsRange) {
  SeededRandom random(7);
  std::vector<int> seen(10);
  for (int i = 0; i < 10000; ++i) ++seen.at(random.below(10));
  for (const int count : seen) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(Random, NumbersAreReadMostSignificantByteFirst) {
  Scripted random({1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(random.u32(), 0x01020304u);
  EXPECT_EQ(random.u64(), 0x0102030405060708u);
}

TEST(Random, BelowDrawsAgainWhereAValueWouldFavourSmallResults) {
  Bytes script(8, 0xff);  // 2^64 - 1 is past the last whole multiple of 10
  script.insert(script.end(), {0, 0, 0, 0, 0, 0, 0, 13});
  Scripted random(script);
  EXPECT_EQ(random.below(10), 3u);
  EXPECT_EQ(random.used(), 16u);
}

TEST(Random, BelowOneIsZero) {
  SeededRandom random(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random.bytes(16));
  EXPECT_EQ(seen.size(), 100u);
}

TEST(SystemRandom, FillsLongSpansToTheEnd) {
  SystemRandom random;
  const auto bytes = random.bytes(1 << 20);
  const auto tail = ByteView(bytes).last(64);
  EXPECT_NE(to_bytes(tail), Bytes(64));
}

}  // namespace
}  // namespace pigeond
