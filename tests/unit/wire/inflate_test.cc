#include "wire/inflate.h"

#include <gtest/gtest.h>

#include "unit/wire/deflated.h"

namespace pigeond::wire {
namespace {

using test::deflated;

TEST(Inflate, GivesBackWhatWentIn) {
  for (const std::size_t size : {0u, 1u, 4096u, 100000u}) {
    const Bytes plain(size, 'a');
    const auto inflated = inflate_all(deflated(plain), 100000);
    ASSERT_TRUE(inflated) << size;
    EXPECT_EQ(*inflated, plain);
  }
}

TEST(Inflate, StopsABombAtTheLimit) {
  const auto inflated = inflate_all(deflated(Bytes(100001, 0)), 100000);
  ASSERT_FALSE(inflated);
  EXPECT_EQ(inflated.cause(), Cause::too_large);
}

TEST(Inflate, RefusesStreamsThatAreNotWhole) {
  Bytes stream = deflated(Bytes(50, 'x'));
  stream.pop_back();
  EXPECT_FALSE(inflate_all(stream, 1000));
  EXPECT_FALSE(inflate_all({}, 1000));
}

}  // namespace
}  // namespace pigeond::wire
