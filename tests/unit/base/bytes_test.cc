#include "base/bytes.h"

#include <gtest/gtest.h>

namespace pigeond {
namespace {

TEST(Bytes, ConcatKeepsTheOrderOfItsParts) {
  const Bytes a{1, 2}, b{}, c{3};
  EXPECT_EQ(concat({a, b, c}), (Bytes{1, 2, 3}));
  EXPECT_EQ(concat({}), Bytes{});
}

TEST(Bytes, BigEndianNumbersAreWrittenAtTheirWidth) {
  Bytes out{0xff};
  append_be(out, 0x010203, 3);
  append_be(out, 0x1234, 1);  // only the low byte has room
  EXPECT_EQ(out, (Bytes{0xff, 1, 2, 3, 0x34}));
}

TEST(Bytes, EveryWidthReadsBackWhatItWrote) {
  constexpr std::uint64_t kValue = 0xfedcba9876543210;
  for (unsigned width = 1; width <= 8; ++width) {
    Bytes out;
    append_be(out, kValue, width);
    ASSERT_EQ(out.size(), width);
    EXPECT_EQ(read_be(out), width == 8 ? kValue : kValue & ((std::uint64_t{1} << (8 * width)) - 1));
  }
  EXPECT_EQ(read_be({}), 0u);
}

TEST(Bytes, ConstantTimeComparisonSeesEveryDifference) {
  const Bytes value{1, 2, 3, 4};
  EXPECT_TRUE(equal_constant_time(value, Bytes{1, 2, 3, 4}));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(value, Bytes{1, 2, 3}));
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes other = value;
      other[i] = static_cast<std::uint8_t>(other[i] ^ (1u << bit));
      EXPECT_FALSE(equal_constant_time(value, other)) << "byte " << i << ", bit " << bit;
    }
  }
}

TEST(Bytes, ViewsOfTextsNeedNoCopy) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(static_cast<const void*>(as_bytes(text).data()), text.data());
  EXPECT_EQ(as_text(as_bytes(text)), text);
  EXPECT_EQ(to_bytes(text), (Bytes{'a', 0, 'b'}));
}

}  // namespace
}  // namespace pigeond
