#include "crypto/hash.h"
#include "crypto/pbkdf2.h"

#include <gtest/gtest.h>

#include "vectors.h"

namespace pigeond::crypto {
namespace {

using test::hex;

TEST(Hash, MatchesThePublishedDigestsOfAbc) {
  const auto abc = as_bytes("abc");
  EXPECT_EQ(hex_lower(md5(abc)), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321
  EXPECT_EQ(hex_lower(sha1({abc})), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_lower(sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_lower(sha512(abc)),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, PartsAreHashedAsOneText) {
  EXPECT_EQ(sha256({as_bytes("a"), {}, as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_EQ(sha1({as_bytes("ab"), as_bytes("c")}), sha1({as_bytes("abc")}));
  const auto key = as_bytes("key");
  EXPECT_EQ(hmac_sha256(key, {as_bytes("a"), as_bytes("bc")}), hmac_sha256(key, as_bytes("abc")));
}

TEST(Hash, DigestsAsTheProtocolAsksForThem) {
  const auto vectors = test::load_vectors("primitive-vectors.json");
  for (const auto& vector : vectors["md5"])
    EXPECT_EQ(hex_lower(md5(as_bytes(vector["text"].get_ref<const std::string&>()))),
              vector["digest"].get<std::string>());
  for (const auto& vector : vectors["sha1"]) {
    Bytes all;
    for (const auto& part : vector["parts"]) {
      const Bytes bytes = hex(part);
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    EXPECT_EQ(hex_lower(sha1({all})), vector["digest"].get<std::string>());
  }
}

TEST(Hmac, Rfc4231) {
  const auto data = as_bytes("what do ya want for nothing?");
  EXPECT_EQ(hex_lower(hmac_sha256(as_bytes("Jefe"), data)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_lower(hmac_sha512(as_bytes("Jefe"), data)),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  // Case 6: a key longer than a block.
  EXPECT_EQ(hex_lower(hmac_sha256(Bytes(131, 0xaa),
                                  as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hkdf, Rfc5869) {
  EXPECT_EQ(hex_lower(hkdf_sha256(hex("000102030405060708090a0b0c"), Bytes(22, 0x0b),
                                  hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  // Case 3: neither salt nor info.
  EXPECT_EQ(hex_lower(hkdf_sha256({}, Bytes(22, 0x0b), {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, AnEmptySaltIsThirtyTwoZeros) {
  EXPECT_EQ(hkdf_sha256({}, as_bytes("key"), as_bytes("info"), 80),
            hkdf_sha256(Bytes(32, 0), as_bytes("key"), as_bytes("info"), 80));
}

TEST(Hkdf, GivesAsMuchAsTheRfcAllows) {
  EXPECT_EQ(hkdf_sha256({}, as_bytes("k"), {}, 8160).size(), 8160u);
}

TEST(Pbkdf2, Rfc7914) {
  EXPECT_EQ(hex_lower(pbkdf2_sha256(as_bytes("passwd"), as_bytes("salt"), 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2, TheKeyOfAPairingCode) {
  const auto vector = test::load_vectors("primitive-vectors.json", "pairing_code");
  const Bytes derived =
      pbkdf2_sha256(as_bytes(vector["code"].get_ref<const std::string&>()), hex(vector["salt"]), 131072, 32);
  EXPECT_EQ(hex_lower(derived), vector["pbkdf2_key"].get<std::string>());
}

TEST(Pbkdf2, ComesToTheSameInPortions) {
  for (const unsigned rounds : {1U, 2U, 1000U}) {
    Pbkdf2 stretching(as_bytes("passwd"), as_bytes("salt"), rounds);
    while (!stretching.advance(7)) EXPECT_FALSE(stretching.done());
    EXPECT_TRUE(stretching.advance(7));  // there is no more to do
    EXPECT_EQ(to_bytes(stretching.key()), pbkdf2_sha256(as_bytes("passwd"), as_bytes("salt"), rounds, 32));
  }
}

}  // namespace
}  // namespace pigeond::crypto
