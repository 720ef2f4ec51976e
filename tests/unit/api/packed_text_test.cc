#include "api/packed_text.h"

#include <gtest/gtest.h>

namespace pigeond::api {
namespace {

TEST(PackedText, IsMadeOnceAndComesBackAsItWas) {
  int made = 0;
  std::string whole;
  for (int i = 0; i < 20000; ++i) whole += std::to_string(i % 97) + "ä\"{}";
  PackedText packed([&] {
    ++made;
    return whole;
  });
  EXPECT_EQ(made, 0) << "nobody has asked";
  EXPECT_EQ(packed.text(), whole);
  EXPECT_EQ(packed.text(), whole);
  EXPECT_EQ(packed.text(), whole);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(PackedText([] { return std::string(); }).text(), "");
}

TEST(PackedText, IsMadeAgainWhereItCouldNotBe) {
  int tries = 0;
  PackedText packed([&] {
    if (++tries == 1) throw std::bad_alloc();
    return std::string("text");
  });
  EXPECT_THROW(packed.text(), std::bad_alloc);
  EXPECT_EQ(packed.text(), "text");
}

}  // namespace
}  // namespace pigeond::api
