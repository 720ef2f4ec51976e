#include "gateway/media_files/spool.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

void gives_back_what_went_in(Spool& spool) {
  EXPECT_EQ(spool.size(), 0U);
  ASSERT_TRUE(spool.append(to_bytes("gone")));
  EXPECT_EQ(spool.size(), 4U);
  ASSERT_TRUE(spool.clear());
  EXPECT_EQ(spool.size(), 0U);
  ASSERT_TRUE(spool.append(to_bytes("hello ")));
  ASSERT_TRUE(spool.append(to_bytes("world")));
  EXPECT_EQ(spool.size(), 11U);
  for (int i = 0; i < 2; ++i) {  // as often as it takes
    EXPECT_EQ(*spool.read(4, 4), to_bytes("o wo"));
    EXPECT_EQ(*spool.read(9, 100), to_bytes("ld"));
    EXPECT_EQ(*spool.read(11, 100), Bytes());
  }
}

TEST(Spool, OnTheDiskGivesBackWhatWentIn) {
  auto spool = FileSpool::make("/tmp");
  ASSERT_TRUE(spool) << spool.error().detail;
  gives_back_what_went_in(**spool);
  EXPECT_FALSE(FileSpool::make("/nowhere"));
}

TEST(Spool, InMemoryGivesBackWhatWentIn) {
  MemorySpool spool;
  gives_back_what_went_in(spool);
}

}  // namespace
}  // namespace pigeond::gateway
