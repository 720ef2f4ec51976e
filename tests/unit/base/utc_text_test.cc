#include "base/utc_text.h"

#include <gtest/gtest.h>

namespace pigeond {
namespace {

TEST(UtcText, IsIso8601) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1700003600), "2023-11-14T23:13:20Z");
}

}  // namespace
}  // namespace pigeond
