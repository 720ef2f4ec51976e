#include "wire/media_file.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pigeond::wire {
namespace {

const Bytes kKey = *parse_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

Result<Bytes> opened(const MediaKeys& keys, const Bytes& file, std::size_t step) {
  MediaCheck check(keys);
  for (std::size_t at = 0; at < file.size(); at += step)
    check.update(ByteView(file).subspan(at, std::min(step, file.size() - at)));
  PIGEOND_CHECK(check.finish(crypto::sha256(file)));
  MediaReader reader(keys, check.size());
  Bytes out;
  for (std::size_t at = 0; at < file.size(); at += step)
    PIGEOND_CHECK(reader.read(ByteView(file).subspan(at, std::min(step, file.size() - at)), out));
  if (!reader.ended()) return fail(Cause::malformed, "not ended");
  return out;
}

// Computed from the info strings that whatsmeow, Baileys and whatsapp-rust share, by another program.
TEST(MediaFile, TheKeysOfAHistoryAreThoseOfOthers) {
  const MediaKeys keys = media_keys(kKey, kHistoryKeys);
  EXPECT_EQ(hex_lower(keys.iv), "1bbd91064f1502e1ad57057640fd66a2");
  EXPECT_EQ(hex_lower(keys.cipher), "9dc9501b504a210bf20cf49eaa9d76f4ae29094d358c7178de23d4c4702a1eef");
  EXPECT_EQ(hex_lower(keys.mac), "9e46652edeb6d05209b09762f8ad479d416bd00e4998e65be81ecc5580861b2f");
}

TEST(MediaFile, AFileOfSixBytesIsThatOfOthers) {
  const MediaKeys keys = media_keys(kKey, "WhatsApp Image Keys");
  EXPECT_EQ(hex_lower(seal_media(keys, *parse_hex("010203040506"))),
            "bb38091ce4e9e9da8a776d06009d29d37afacb510d72d55bcedc");
  EXPECT_EQ(*opened(keys, *parse_hex("bb38091ce4e9e9da8a776d06009d29d37afacb510d72d55bcedc"), 1),
            *parse_hex("010203040506"));
}

TEST(MediaFile, WhatWasSealedComesOutWhateverThePieces) {
  const MediaKeys keys = media_keys(kKey, kHistoryKeys);
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 65536u}) {
    const Bytes content(size, 'x');
    for (const std::size_t step : {1u, 9u, 10u, 11u, 16u, 2048u}) {
      const auto out = opened(keys, seal_media(keys, content), step);
      ASSERT_TRUE(out) << size << " in steps of " << step;
      EXPECT_EQ(*out, content);
    }
  }
}

TEST(MediaFile, AnotherByteIsFoundBeforeAnythingIsBelieved) {
  const MediaKeys keys = media_keys(kKey, kHistoryKeys);
  const Bytes file = seal_media(keys, Bytes(100, 'x'));
  for (std::size_t i = 0; i < file.size(); i += 7) {
    Bytes spoilt = file;
    spoilt[i] ^= 1;
    MediaCheck check(keys);
    check.update(spoilt);
    EXPECT_EQ(check.finish({}).cause(), Cause::bad_mac) << i;
    MediaCheck hashed(keys);
    hashed.update(spoilt);
    EXPECT_EQ(hashed.finish(crypto::sha256(file)).cause(), Cause::malformed) << i;
  }
  for (const std::size_t size : {0u, 9u, 26u - 1u, 27u}) {
    MediaCheck check(keys);
    check.update(Bytes(size, 0));
    EXPECT_EQ(check.finish({}).cause(), Cause::malformed) << size;
  }
}

}  // namespace
}  // namespace pigeond::wire
