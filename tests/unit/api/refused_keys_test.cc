// How wrong API keys are answered.
#include "api/refused_keys.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/log.h"

namespace pigeond::api {
namespace {

class RefusedKeysTest : public testing::Test {
 protected:
  RefusedKeysTest() { log::set_level(log::Level::error); }
  ~RefusedKeysTest() override { log::set_level(log::Level::info); }
  Millis wrong(const std::string& peer) { return keys.refused(peer, {mono, mono}); }

  RefusedKeys keys;
  Millis mono = kDay;
};

TEST_F(RefusedKeysTest, TheFirstAreAnsweredAtOnceAndFurtherOnesEverLater) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wrong("a"), 0);
  Millis last = 0;
  for (int i = 0; i < 5; ++i) {
    const Millis delay = wrong("a");
    EXPECT_GT(delay, last);
    last = delay;
  }
  for (int i = 0; i < 100; ++i) last = wrong("a");
  EXPECT_EQ(last, limits::kRefusedKeyDelay);
  EXPECT_EQ(keys.count(), 108u);
}

TEST_F(RefusedKeysTest, EachPeerHasItsOwnCount) {
  for (int i = 0; i < 20; ++i) wrong("a");
  EXPECT_EQ(wrong("b"), 0);
  EXPECT_GT(wrong("a"), 0);
}

TEST_F(RefusedKeysTest, APeerThatWasQuietForAnHourStartsAnew) {
  for (int i = 0; i < 20; ++i) wrong("a");
  mono += kHour + 1;
  EXPECT_EQ(wrong("a"), 0);
}

TEST_F(RefusedKeysTest, AGuesserWithManyAddressesPushesOutTheQuietestFirst) {
  for (int i = 0; i < 20; ++i) wrong("busy");
  for (std::size_t i = 0; i < 3 * limits::kRefusedKeyPeers; ++i) {
    ++mono;
    wrong("peer " + std::to_string(i));
    if (i % 100 == 0) {
      EXPECT_GT(wrong("busy"), 0) << i;
    }
  }
}

}  // namespace
}  // namespace pigeond::api
