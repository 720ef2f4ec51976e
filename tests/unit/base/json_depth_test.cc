#include "base/json_depth.h"

#include <gtest/gtest.h>

namespace pigeond {
namespace {

TEST(JsonDepth, CountsWhatIsOpenOutsideOfStrings) {
  EXPECT_EQ(json_depth(""), 0u);
  EXPECT_EQ(json_depth("[]{}[{}]"), 2u);
  EXPECT_EQ(json_depth(R"({"[[[\"[[[":[1]})"), 2u);
  EXPECT_EQ(json_depth("]]][["), 2u);
}

}  // namespace
}  // namespace pigeond
