#include "crypto/aes.h"

#include <gtest/gtest.h>

#include "vectors.h"

namespace pigeond::crypto {
namespace {

using test::hex;

const char* const kBlocks =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const char* const kKey256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

TEST(AesGcm, TestCase16OfTheGcmSpecification) {
  const Bytes key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes iv = hex("cafebabefacedbaddecaf888");
  const Bytes aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes plaintext =
      hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Bytes sealed = aes_gcm_seal(key, iv, aad, plaintext);
  EXPECT_EQ(hex_lower(sealed),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
  const auto opened = aes_gcm_open(key, iv, aad, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, plaintext);
}

TEST(AesGcm, TakesKeysOf128Bits) {
  const Bytes zero12(12, 0), zero16(16, 0);
  EXPECT_EQ(hex_lower(aes_gcm_seal(zero16, zero12, {}, zero16)),
            "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");  // test case 2
  EXPECT_EQ(hex_lower(aes_gcm_seal(zero16, zero12, {}, {})),
            "58e2fccefa7e3061367f1d57a4e7455a");  // test case 1
}

TEST(AesGcm, RefusesEveryFlippedByte) {
  const Bytes key(32, 1), iv(12, 2), aad = hex("aabb");
  const Bytes sealed = aes_gcm_seal(key, iv, aad, as_bytes("attack at dawn"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes forged = sealed;
    forged[i] ^= 1;
    const auto opened = aes_gcm_open(key, iv, aad, forged);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.cause(), Cause::bad_mac);
  }
  EXPECT_FALSE(aes_gcm_open(key, iv, hex("aabc"), sealed));
  EXPECT_FALSE(aes_gcm_open(key, iv, aad, ByteView(sealed).first(15)));
}

TEST(AesCbc, NistF25WithPadding) {
  const Bytes key = hex(kKey256), iv = hex("000102030405060708090a0b0c0d0e0f");
  const Bytes plaintext = hex("6bc1bee22e409f96e93d7e117393172a");
  const Bytes encrypted = aes_cbc_encrypt(key, iv, plaintext);
  EXPECT_EQ(hex_lower(encrypted), "f58c4c04d6e5f1ba779eabfb5f7bfbd6485a5c81519cf378fa36d42b8547edc0");
  const auto decrypted = aes_cbc_decrypt(key, iv, encrypted);
  ASSERT_TRUE(decrypted);
  EXPECT_EQ(*decrypted, plaintext);
}

TEST(AesCbc, EveryLengthComesBack) {
  const Bytes key(32, 7), iv(16, 9);
  for (std::size_t size = 0; size <= 33; ++size) {
    const Bytes plaintext(size, 0x5a);
    const Bytes encrypted = aes_cbc_encrypt(key, iv, plaintext);
    EXPECT_EQ(encrypted.size(), (size / 16 + 1) * 16);
    const auto decrypted = aes_cbc_decrypt(key, iv, encrypted);
    ASSERT_TRUE(decrypted) << size;
    EXPECT_EQ(*decrypted, plaintext);
  }
}

// The last block is turned, through the block before it, into paddings that PKCS#7 does not know.
TEST(AesCbc, RefusesWrongPaddingAndLengths) {
  const Bytes key(32, 7), iv(16, 9);
  const Bytes good = aes_cbc_encrypt(key, iv, Bytes(16, 0));  // the second block decrypts to sixteen times 16
  for (const std::uint8_t wanted : {0, 17, 255}) {
    Bytes forged = good;
    forged[15] = static_cast<std::uint8_t>(forged[15] ^ 16 ^ wanted);
    const auto decrypted = aes_cbc_decrypt(key, iv, forged);
    ASSERT_FALSE(decrypted) << int{wanted};
    EXPECT_EQ(decrypted.cause(), Cause::malformed);
  }
  Bytes uneven = good;
  uneven[3] ^= 1;
  EXPECT_FALSE(aes_cbc_decrypt(key, iv, uneven));
  EXPECT_FALSE(aes_cbc_decrypt(key, iv, {}));
  EXPECT_FALSE(aes_cbc_decrypt(key, iv, ByteView(good).first(31)));
}

// NIST SP 800-38A, F.2.5: two blocks, in one piece and in two.
TEST(AesCbc, ComesBitByBit) {
  const Key32 key = test::key(kKey256);
  const auto iv = test::key<16>("000102030405060708090a0b0c0d0e0f");
  const Bytes plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const std::string sealed = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d";
  for (const std::size_t first : {0u, 16u, 32u}) {
    Bytes data = plain;
    AesCbcEncryptor encryptor(key, iv);
    encryptor.run(std::span(data).first(first));
    encryptor.run(std::span(data).subspan(first));
    EXPECT_EQ(hex_lower(data), sealed);
    AesCbcDecryptor decryptor(key, iv);
    decryptor.run(std::span(data).first(first));
    decryptor.run(std::span(data).subspan(first));
    EXPECT_EQ(data, plain);
  }
}

TEST(AesCtr, NistF55) {
  EXPECT_EQ(hex_lower(aes_ctr(hex(kKey256), hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), hex(kBlocks))),
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
            "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
}

TEST(AesCtr, CarriesOverAllSixteenBytesOfTheCounter) {
  const Bytes key = hex(kKey256), data(48, 0);
  const auto whole = aes_ctr(key, hex("00000000000000ffffffffffffffffff"), data);
  const auto second = aes_ctr(key, hex("00000000000001000000000000000000"), Bytes(16, 0));
  const auto third = aes_ctr(key, hex("00000000000001000000000000000001"), Bytes(16, 0));
  EXPECT_EQ(to_bytes(ByteView(whole).subspan(16, 16)), second);
  EXPECT_EQ(to_bytes(ByteView(whole).subspan(32, 16)), third);
}

TEST(AesCtr, WrapsThePairingCodesKey) {
  const auto vector = test::load_vectors("primitive-vectors.json", "pairing_code");
  const Bytes wrapped = hex(vector["link_code_pairing_wrapped_companion_ephemeral_pub"]);
  EXPECT_EQ(aes_ctr(hex(vector["pbkdf2_key"]), hex(vector["iv"]), hex(vector["companion_ephemeral_public"])),
            to_bytes(ByteView(wrapped).last(32)));
}

}  // namespace
}  // namespace pigeond::crypto
