#include "signal/group.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/signal/peers.h"

namespace pigeond::signal {
namespace {

const std::string kGroup = "120363000000000001@g.us";

class GroupTest : public testing::Test {
 protected:
  Peer alice{"111", 1, 3};
  Peer bob{"222", 2};
  GroupSessions from{alice.store, alice.random};
  GroupSessions to{bob.store, bob.random};

  Bytes say(std::string_view text) { return from.encrypt(kGroup, alice.address, as_bytes(text)).value(); }
  std::string hear(ByteView message) {
    const auto plain = to.decrypt(kGroup, alice.address, message);
    return plain ? std::string(as_text(*plain)) : std::string(cause_name(plain.cause()));
  }
  Bytes key() { return from.distribution(kGroup, alice.address).value(); }
  bool take(ByteView distribution) { return to.process(kGroup, alice.address, distribution).ok(); }
};

TEST_F(GroupTest, EncryptingNeedsAKeyOfOurOwn) {
  const auto result = from.encrypt(kGroup, alice.address, as_bytes("x"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.cause(), Cause::no_sender_key);
}

TEST_F(GroupTest, AMemberWithTheKeyReadsInAnyOrderAndOnce) {
  ASSERT_TRUE(take(key()));
  std::vector<Bytes> messages;
  for (int i = 0; i < 6; ++i) messages.push_back(say(std::to_string(i)));
  for (std::size_t i : {1u, 0u, 5u, 3u, 2u, 4u}) EXPECT_EQ(hear(messages[i]), std::to_string(i));
  for (const auto& message : messages) EXPECT_EQ(hear(message), "duplicate_message");
}

TEST_F(GroupTest, WithoutTheKeyItIsNoSenderKey) {
  key();
  EXPECT_EQ(hear(say("x")), "no_sender_key");
}

TEST_F(GroupTest, AKeyThatReplacedTheKnownOneIsNoSenderKeyToo) {
  ASSERT_TRUE(take(key()));
  from.forget(kGroup, alice.address);
  const Bytes second = key();
  const Bytes message = say("x");
  EXPECT_EQ(hear(message), "no_sender_key");
  ASSERT_TRUE(take(second));
  EXPECT_EQ(hear(message), "x");
}

TEST_F(GroupTest, ALaterMemberReadsFromThereOn) {
  key();
  const Bytes before = say("before");
  ASSERT_TRUE(take(key()));
  EXPECT_EQ(hear(say("after")), "after");
  EXPECT_EQ(hear(before), "duplicate_message");
}

TEST_F(GroupTest, ARepeatedDistributionKeepsSkippedMessagesReadable) {
  const Bytes first = key();
  ASSERT_TRUE(take(first));
  const Bytes skipped = say("skipped");
  EXPECT_EQ(hear(say("next")), "next");
  ASSERT_TRUE(take(key()));
  ASSERT_TRUE(take(first));
  EXPECT_EQ(hear(skipped), "skipped");
}

TEST_F(GroupTest, AReplayedDistributionLetsNoOldMessageInAgain) {
  const Bytes first = key();
  ASSERT_TRUE(take(first));
  const Bytes message = say("once");
  EXPECT_EQ(hear(message), "once");
  ASSERT_TRUE(take(first));
  EXPECT_EQ(hear(message), "duplicate_message");
}

TEST_F(GroupTest, ADistributionFarAheadIsTakenOver) {
  ASSERT_TRUE(take(key()));
  for (int i = 0; i < 2005; ++i) say("unheard");
  const Bytes message = say("far");
  EXPECT_EQ(hear(message), "invalid_message");
  ASSERT_TRUE(take(key()));
  EXPECT_EQ(hear(say("near again")), "near again");
}

TEST_F(GroupTest, ASenderKeyIsTheSendersAlone) {
  ASSERT_TRUE(take(key()));
  const Bytes message = say("x");
  const auto other_device = to.decrypt(kGroup, {"111", 4}, message);
  ASSERT_FALSE(other_device.ok());
  EXPECT_EQ(other_device.cause(), Cause::no_sender_key);
  const auto other_group = to.decrypt("120363000000000002@g.us", alice.address, message);
  ASSERT_FALSE(other_group.ok());
  EXPECT_EQ(other_group.cause(), Cause::no_sender_key);
}

TEST_F(GroupTest, AFlippedByteIsNeverReadAsText) {
  ASSERT_TRUE(take(key()));
  const Bytes message = say("x");
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes broken = message;
    broken[i] ^= 0x20;
    const std::string heard = hear(broken);
    EXPECT_TRUE(heard == "invalid_message" || heard == "no_sender_key" || heard == "duplicate_message")
        << i << heard;
  }
  EXPECT_EQ(hear(message), "x");
}

TEST_F(GroupTest, ADistributionThatDoesNotParseIsInvalid) {
  for (const Bytes& bytes : {Bytes{}, Bytes{0x33}, Bytes(50, 0xff)}) {
    const auto result = to.process(kGroup, alice.address, bytes);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.cause(), Cause::invalid_message);
  }
}

TEST_F(GroupTest, AChainKeyOfAnotherSizeIsInvalid) {
  Bytes distribution = key();
  // 33, then field 1 (id), 2 (iteration), 3 (chain key: 1a 20 and 32 bytes), 4 (signing key).
  const Bytes tag{0x1a, 0x20};
  const auto chain_key = std::search(distribution.begin(), distribution.end(), tag.begin(), tag.end());
  ASSERT_NE(chain_key, distribution.end());
  chain_key[1] = 0x1f;
  distribution.erase(chain_key + 2);
  const auto result = to.process(kGroup, alice.address, distribution);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.cause(), Cause::invalid_message);
}

}  // namespace
}  // namespace pigeond::signal
