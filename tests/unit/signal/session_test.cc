#include "signal/session.h"

#include <gtest/gtest.h>

#include "unit/signal/peers.h"

namespace pigeond::signal {
namespace {

class SessionTest : public testing::Test {
 protected:
  Peer alice{"111", 1};
  Peer bob{"222_1", 2, 7};

  void connect() {
    ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(3)).ok());
    ASSERT_EQ(hear(bob, alice, say(alice, bob, "first")), "first");
    ASSERT_EQ(hear(alice, bob, say(bob, alice, "answer")), "answer");
  }
};

TEST_F(SessionTest, TheFirstMessagesArePkmsgUntilThePeerAnswers) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(3)).ok());
  const auto one = say(alice, bob, "one");
  const auto two = say(alice, bob, "two");
  EXPECT_EQ(one.kind, Kind::pkmsg);
  EXPECT_EQ(two.kind, Kind::pkmsg);
  EXPECT_EQ(hear(bob, alice, one), "one");
  EXPECT_EQ(hear(bob, alice, two), "two");
  const auto answer = say(bob, alice, "answer");
  EXPECT_EQ(answer.kind, Kind::msg);
  EXPECT_EQ(hear(alice, bob, answer), "answer");
  EXPECT_EQ(say(alice, bob, "three").kind, Kind::msg);
}

TEST_F(SessionTest, EncryptingWithoutASessionSaysSo) {
  const auto result = alice.sessions.encrypt(bob.address, as_bytes("x"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.cause(), Cause::no_session);
  EXPECT_FALSE(alice.sessions.has(bob.address));
}

TEST_F(SessionTest, AMsgWithoutASessionIsNoSession) {
  connect();
  const auto message = say(alice, bob, "x");
  ASSERT_EQ(message.kind, Kind::msg);
  bob.sessions.forget(alice.address);
  EXPECT_EQ(hear(bob, alice, message), "no_session");
}

TEST_F(SessionTest, MessagesDecryptInAnyOrderAndOnce) {
  connect();
  std::vector<Ciphertext> messages;
  for (int i = 0; i < 20; ++i) messages.push_back(say(alice, bob, std::to_string(i)));
  for (int i = 19; i >= 0; --i)
    EXPECT_EQ(hear(bob, alice, messages[static_cast<std::size_t>(i)]), std::to_string(i));
  for (const auto& message : messages) EXPECT_EQ(hear(bob, alice, message), "duplicate_message");
}

TEST_F(SessionTest, MessagesOfAnOlderRatchetStepStillDecrypt) {
  connect();
  const auto late = say(alice, bob, "late");
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(hear(bob, alice, say(alice, bob, "ping")), "ping");
    ASSERT_EQ(hear(alice, bob, say(bob, alice, "pong")), "pong");
  }
  EXPECT_EQ(hear(bob, alice, late), "late");
}

TEST_F(SessionTest, APkmsgReadTwiceIsADuplicate) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(3)).ok());
  const auto message = say(alice, bob, "x");
  EXPECT_EQ(hear(bob, alice, message), "x");
  EXPECT_EQ(hear(bob, alice, message), "duplicate_message");
}

TEST_F(SessionTest, TheOneTimeKeyIsRemovedOnceItsMessageWasRead) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(3)).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "x");
  EXPECT_FALSE(bob.store.pre_keys().contains(3));
  EXPECT_EQ(bob.store.pre_keys().size(), 4u);
}

TEST_F(SessionTest, TheHighestPreKeyIdIsRemovedLikeAnyOther) {
  PreKey key{kMaxPreKeyId, crypto::generate_key_pair(bob.random)};
  bob.store.save_pre_key(key);
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(kMaxPreKeyId)).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "x");
  EXPECT_FALSE(bob.store.pre_keys().contains(kMaxPreKeyId));
}

TEST_F(SessionTest, ASecondFirstMessageWithTheSameOneTimeKeyIsInvalidKeyId) {
  Peer carol("333", 3);
  const auto bundle = bob.bundle(3);
  ASSERT_TRUE(alice.sessions.start(bob.address, bundle).ok());
  ASSERT_TRUE(carol.sessions.start(bob.address, bundle).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "x");
  EXPECT_EQ(hear(bob, carol, say(carol, bob, "y")), "invalid_key_id");
  EXPECT_FALSE(bob.sessions.has(carol.address));
}

TEST_F(SessionTest, AnUnknownSignedPreKeyIsInvalidKeyId) {
  auto bundle = bob.bundle(std::nullopt);
  bundle.signed_pre_key_id = 9;
  ASSERT_TRUE(alice.sessions.start(bob.address, bundle).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "invalid_key_id");
}

TEST_F(SessionTest, ADeviceWithoutOneTimeKeysCanBeWrittenTo) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(std::nullopt)).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "x");
  EXPECT_EQ(bob.store.pre_keys().size(), 5u);
}

TEST_F(SessionTest, EveryFlippedByteIsRefusedAndLeavesNothingBehind) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(3)).ok());
  const auto message = say(alice, bob, "text");
  for (std::size_t i = 0; i < message.bytes.size(); ++i) {
    Bytes broken = message.bytes;
    broken[i] ^= 0x40;
    Peer other("222_1", 2, 7);  // Bob again, in his first state
    const auto result = other.sessions.decrypt(alice.address, Kind::pkmsg, broken);
    if (result) {
      EXPECT_EQ(as_text(*result), "text");
      EXPECT_GT(i, message.bytes.size() - 8)
          << "only the registration id, near the end, is not authenticated";
      continue;
    }
    EXPECT_FALSE(other.sessions.has(alice.address)) << i;
    EXPECT_FALSE(other.store.load_identity(alice.address)) << i;
    EXPECT_EQ(other.store.pre_keys().size(), 5u) << i;
  }
  EXPECT_EQ(hear(bob, alice, message), "text");
}

TEST_F(SessionTest, ATamperedMsgIsInvalidAndTheSessionGoesOn) {
  connect();
  auto message = say(alice, bob, "x");
  auto broken = message;
  broken.bytes.back() ^= 1;
  EXPECT_EQ(hear(bob, alice, broken), "invalid_message");
  EXPECT_EQ(hear(bob, alice, message), "x");
}

TEST_F(SessionTest, BytesThatAreNoMessageAreInvalid) {
  connect();
  for (const Bytes& bytes : {Bytes{}, Bytes{0x33}, Bytes{0x22, 1, 2}, Bytes(200, 0xff)}) {
    EXPECT_EQ(hear(bob, alice, {Kind::msg, bytes}), "invalid_message");
    EXPECT_EQ(hear(bob, alice, {Kind::pkmsg, bytes}), "invalid_message");
  }
}

TEST_F(SessionTest, AForgedSignedPreKeyIsBadSignature) {
  auto bundle = bob.bundle(3);
  bundle.signature[5] ^= 1;
  const auto flipped = alice.sessions.start(bob.address, bundle);
  ASSERT_FALSE(flipped.ok());
  EXPECT_EQ(flipped.cause(), Cause::bad_signature);
  bundle = bob.bundle(3);
  bundle.signed_pre_key = crypto::generate_key_pair(alice.random).pub;
  const auto swapped = alice.sessions.start(bob.address, bundle);
  ASSERT_FALSE(swapped.ok());
  EXPECT_EQ(swapped.cause(), Cause::bad_signature);
  EXPECT_FALSE(alice.sessions.has(bob.address));
  EXPECT_FALSE(alice.store.load_identity(bob.address));
}

TEST_F(SessionTest, AChangedIdentityIsRefusedUntilTheOldOneIsForgotten) {
  connect();
  Peer again("222_1", 99, 7);  // the same address, registered anew
  const auto refused = alice.sessions.start(bob.address, again.bundle(1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.cause(), Cause::untrusted_identity);
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "still the old one")), "still the old one");
  alice.sessions.forget(bob.address);
  ASSERT_TRUE(alice.sessions.start(bob.address, again.bundle(1)).ok());
  EXPECT_EQ(hear(again, alice, say(alice, again, "hello")), "hello");
}

TEST_F(SessionTest, AFirstMessageFromAChangedIdentityIsRefusedUntilTheOldOneIsForgotten) {
  connect();
  Peer again("111", 98);
  ASSERT_TRUE(again.sessions.start(bob.address, bob.bundle(4)).ok());
  const auto message = say(again, bob, "new phone");
  EXPECT_EQ(hear(bob, again, message), "untrusted_identity");
  EXPECT_TRUE(bob.store.pre_keys().contains(4));
  bob.sessions.forget(alice.address);
  EXPECT_EQ(hear(bob, again, message), "new phone");
  EXPECT_FALSE(bob.store.pre_keys().contains(4));
}

TEST_F(SessionTest, AReplacedSessionIsArchivedAndStillReads) {
  connect();
  const auto old = say(bob, alice, "through the old session");
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(5)).ok());
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "through the new one")), "through the new one");
  EXPECT_EQ(hear(alice, bob, old), "through the old session");
}

TEST_F(SessionTest, BothSidesMayStartAtOnce) {
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(1)).ok());
  ASSERT_TRUE(bob.sessions.start(alice.address, alice.bundle(2)).ok());
  const auto from_alice = say(alice, bob, "a");
  const auto from_bob = say(bob, alice, "b");
  EXPECT_EQ(from_alice.kind, Kind::pkmsg);
  EXPECT_EQ(from_bob.kind, Kind::pkmsg);
  EXPECT_EQ(hear(bob, alice, from_alice), "a");
  EXPECT_EQ(hear(alice, bob, from_bob), "b");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(hear(bob, alice, say(alice, bob, "on")), "on");
    EXPECT_EQ(hear(alice, bob, say(bob, alice, "and on")), "and on");
  }
  EXPECT_EQ(say(alice, bob, "x").kind, Kind::msg);
  EXPECT_EQ(say(bob, alice, "x").kind, Kind::msg);
}

TEST_F(SessionTest, ThePeersRegistrationIdAndTheBaseKeyAreKnown) {
  EXPECT_FALSE(alice.sessions.remote_registration_id(bob.address));
  EXPECT_FALSE(alice.sessions.alice_base_key(bob.address));
  connect();
  EXPECT_EQ(alice.sessions.remote_registration_id(bob.address), bob.store.registration_id());
  EXPECT_EQ(bob.sessions.remote_registration_id(alice.address), alice.store.registration_id());
  const auto base_key = alice.sessions.alice_base_key(bob.address);
  ASSERT_TRUE(base_key);
  EXPECT_EQ(base_key->size(), 33u);
  EXPECT_EQ(bob.sessions.alice_base_key(alice.address), base_key);
  say(alice, bob, "x");
  EXPECT_EQ(alice.sessions.alice_base_key(bob.address), base_key);
  ASSERT_TRUE(alice.sessions.start(bob.address, bob.bundle(4)).ok());
  EXPECT_NE(alice.sessions.alice_base_key(bob.address), base_key);
}

TEST_F(SessionTest, MoreThanTwoThousandMessagesAheadIsInvalid) {
  connect();
  Ciphertext last;
  for (int i = 0; i < 2003; ++i) last = say(alice, bob, "x");
  EXPECT_EQ(hear(bob, alice, last), "invalid_message");
}

TEST(PreKeys, IdsWrapToOne) {
  SeededRandom random(5);
  const auto keys = make_pre_keys(kMaxPreKeyId - 1, 4, random);
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_EQ(keys[0].id, kMaxPreKeyId - 1);
  EXPECT_EQ(keys[1].id, kMaxPreKeyId);
  EXPECT_EQ(keys[2].id, 1u);
  EXPECT_EQ(keys[3].id, 2u);
  EXPECT_NE(keys[0].key.pub, keys[1].key.pub);
}

TEST(PreKeys, TheSignedOneIsSignedWithItsTypeByte) {
  SeededRandom random(6);
  const auto identity = crypto::generate_key_pair(random);
  const auto key = make_signed_pre_key(7, identity, 12, random);
  EXPECT_EQ(key.id, 7u);
  EXPECT_EQ(key.created, 12);
  EXPECT_TRUE(crypto::verify(identity.pub, crypto::with_type_byte(key.key.pub), key.signature));
  EXPECT_FALSE(crypto::verify(identity.pub, key.key.pub, key.signature));
}

}  // namespace
}  // namespace pigeond::signal
