#include "crypto/curve.h"

#include <gtest/gtest.h>

#include "vectors.h"

namespace pigeond::crypto {
namespace {

using test::hex;
using test::key;

// A stream that a test can read again.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t value) : value_(value) {}
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), value_); }

 private:
  std::uint8_t value_;
};

TEST(X25519, Rfc7748Section52) {
  const auto shared = agree(key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                            hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"));
  ASSERT_TRUE(shared);
  EXPECT_EQ(hex_lower(*shared), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(X25519, Rfc7748AThousandTimes) {
  Key32 scalar = {9}, point = {9};
  for (int i = 0; i < 1000; ++i) {
    const auto next = agree(scalar, point);
    ASSERT_TRUE(next);
    point = scalar;
    scalar = *next;
  }
  EXPECT_EQ(hex_lower(scalar), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(X25519, KeysAndAgreementsOfOthers) {
  const auto vectors = test::load_vectors("primitive-vectors.json");
  for (const auto& vector : vectors["keys"])
    EXPECT_EQ(hex_lower(key_pair_from_private(key(vector["private"])).pub),
              vector["public"].get<std::string>());
  for (const auto& vector : vectors["agreements"]) {
    const auto shared = agree(key(vector["private"]), hex(vector["public"]));
    ASSERT_TRUE(shared);
    EXPECT_EQ(hex_lower(*shared), vector["shared"].get<std::string>());
  }
}

TEST(X25519, TwoSidesAgree) {
  SeededRandom random(1);
  for (int i = 0; i < 20; ++i) {
    const auto a = generate_key_pair(random), b = generate_key_pair(random);
    EXPECT_NE(a.pub, b.pub);
    const auto ab = agree(a.priv, b.pub), ba = agree(b.priv, a.pub);
    ASSERT_TRUE(ab);
    ASSERT_TRUE(ba);
    EXPECT_EQ(*ab, *ba);
  }
}

TEST(X25519, RefusesPointsOfSmallOrderAndWrongSizes) {
  SeededRandom random(2);
  const auto pair = generate_key_pair(random);
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}) {
    const auto shared = agree(pair.priv, hex(point));
    ASSERT_FALSE(shared) << point;
    EXPECT_EQ(shared.cause(), Cause::bad_input);
  }
  EXPECT_FALSE(agree(pair.priv, ByteView(pair.pub).first(31)));
  EXPECT_FALSE(agree(pair.priv, with_type_byte(pair.pub)));
}

TEST(XEdDsa, AcceptsSignaturesThatOthersMade) {
  for (const auto& vector : test::load_vectors("primitive-vectors.json", "signatures"))
    EXPECT_TRUE(verify(hex(vector["key"]), hex(vector["message"]), hex(vector["signature"])))
        << vector["name"];
}

TEST(XEdDsa, OwnSignaturesHoldForAllLengths) {
  SeededRandom random(3);
  for (const std::size_t size : {0u, 1u, 33u, 256u, 257u, 5000u}) {
    const auto pair = generate_key_pair(random);
    const Bytes message = random.bytes(size);
    EXPECT_TRUE(verify(pair.pub, message, sign(pair.priv, message, random))) << size;
  }
}

TEST(XEdDsa, APrivateKeyThatWasNeverClampedSignsForItsPublicKey) {
  SeededRandom random(4);
  for (int i = 0; i < 8; ++i) {
    Key32 raw = random.array<32>();
    raw[0] |= 7;
    raw[31] |= 0x80;
    EXPECT_TRUE(verify(key_pair_from_private(raw).pub, as_bytes("x"), sign(raw, as_bytes("x"), random)));
  }
}

TEST(XEdDsa, RefusesAnythingThatWasChanged) {
  SeededRandom random(5);
  const auto pair = generate_key_pair(random);
  const Bytes message = random.bytes(40);
  const auto signature = sign(pair.priv, message, random);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto forged = signature;
    forged[i] ^= 1;
    EXPECT_FALSE(verify(pair.pub, message, forged)) << i;
  }
  Bytes other = message;
  other.back() ^= 1;
  EXPECT_FALSE(verify(pair.pub, other, signature));
  EXPECT_FALSE(verify(generate_key_pair(random).pub, message, signature));
  EXPECT_FALSE(verify(pair.pub, message, ByteView(signature).first(63)));
  EXPECT_FALSE(verify(with_type_byte(pair.pub), message, signature));
  EXPECT_FALSE(verify({}, message, {}));
}

TEST(XEdDsa, TheRandomnessGivenIsWhatMakesASignatureDiffer) {
  SeededRandom random(6);
  const auto pair = generate_key_pair(random);
  FixedRandom one(1), again(1), two(2);
  const auto first = sign(pair.priv, as_bytes("m"), one);
  EXPECT_EQ(first, sign(pair.priv, as_bytes("m"), again));
  EXPECT_NE(first, sign(pair.priv, as_bytes("m"), two));
}

TEST(TypeByte, GoesInFront) {
  EXPECT_EQ(with_type_byte(hex("aabb")), hex("05aabb"));
}

}  // namespace
}  // namespace pigeond::crypto
