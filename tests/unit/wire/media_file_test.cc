#include "wire/media_file.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "vectors.h"

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

Bytes content_of(const nlohmann::json& vector) {
  if (vector.contains("content")) return test::hex(vector["content"]);
  Bytes content(vector["content_size"].get<std::size_t>());
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(7 * i % 251);
  return content;
}

Bytes sealed(MediaSealer& sealer, const Bytes& content, std::size_t step, SealedMedia& told) {
  Bytes file;
  for (std::size_t at = 0; at < content.size(); at += step)
    sealer.write(ByteView(content).subspan(at, std::min(step, content.size() - at)), file);
  told = sealer.finish(file);
  return file;
}

TEST(MediaFile, TheKeysAreThoseOfOthers) {
  for (const auto& vector : test::load_vectors("media-vectors.json", "keys")) {
    const MediaKeys keys = media_keys(test::hex(vector["media_key"]), vector["info"].get<std::string>());
    EXPECT_EQ(hex_lower(keys.iv), vector["iv"]) << vector["info"];
    EXPECT_EQ(hex_lower(keys.cipher), vector["cipher"]) << vector["info"];
    EXPECT_EQ(hex_lower(keys.mac), vector["mac"]) << vector["info"];
  }
}

TEST(MediaFile, EachKindHasTheKeysThatOthersGiveIt) {
  EXPECT_EQ(media_info(MediaKind::image), "WhatsApp Image Keys");
  EXPECT_EQ(media_info(MediaKind::sticker), "WhatsApp Image Keys");
  EXPECT_EQ(media_info(MediaKind::video), "WhatsApp Video Keys");
  EXPECT_EQ(media_info(MediaKind::audio), "WhatsApp Audio Keys");
  EXPECT_EQ(media_info(MediaKind::document), "WhatsApp Document Keys");
  EXPECT_EQ(media_info(MediaKind::link_thumbnail), "WhatsApp Link Thumbnail Keys");
  EXPECT_EQ(media_info(MediaKind::history), "WhatsApp History Keys");
}

TEST(MediaFile, FilesAreThoseOfOthersWhateverThePieces) {
  for (const auto& vector : test::load_vectors("media-vectors.json", "files")) {
    const MediaKeys keys = media_keys(test::hex(vector["media_key"]), vector["info"].get<std::string>());
    const Bytes content = content_of(vector);
    for (const std::size_t step : {1u, 15u, 16u, 17u, 65536u, 1u << 20}) {
      MediaSealer sealer(keys, true);
      SealedMedia told;
      const Bytes file = sealed(sealer, content, step, told);
      EXPECT_EQ(file.size(), sealed_media_size(content.size()));
      EXPECT_EQ(told.file_size, file.size());
      EXPECT_EQ(told.content_size, vector["content_size"].get<std::uint64_t>());
      EXPECT_EQ(hex_lower(told.content_sha256), vector["content_sha256"]);
      EXPECT_EQ(hex_lower(told.file_sha256), vector["file_sha256"]) << "in steps of " << step;
      EXPECT_EQ(hex_lower(told.sidecar), vector["sidecar"]) << "in steps of " << step;
      if (vector.contains("file")) {
        EXPECT_EQ(hex_lower(file), vector["file"]);
      }
    }
    EXPECT_EQ(*opened(keys, seal_media(keys, content), 1000), content);
  }
}

// The rule as it is written, beside the code that never has a window whole.
TEST(MediaFile, ASidecarHasAMacForEachWindowThatTheOneBeforeDoesNotHold) {
  const MediaKeys keys = media_keys(kKey, kVideoKeys);
  // S has 26 bytes and the content, in blocks: from the last but one block of a window to the next one's
  // second.
  for (const std::size_t size : {65536u - 48u, 65536u - 32u, 65536u - 16u, 65536u, 2u * 65536u - 32u}) {
    MediaSealer sealer(keys, true);
    SealedMedia told;
    const Bytes file = sealed(sealer, Bytes(size, 'x'), 1000, told);
    const Bytes whole = concat({ByteView(keys.iv), ByteView(file)});
    Bytes expected;
    for (std::size_t at = 0; at == 0 || at + Sidecar::kOverlap < whole.size(); at += Sidecar::kWindow) {
      const ByteView rest = ByteView(whole).subspan(at);
      const Key32 mac = crypto::hmac_sha256(
          keys.mac, rest.first(std::min(rest.size(), Sidecar::kWindow + Sidecar::kOverlap)));
      expected.insert(expected.end(), mac.begin(), mac.begin() + Sidecar::kMac);
    }
    EXPECT_EQ(hex_lower(told.sidecar), hex_lower(expected)) << size;
  }
  MediaSealer without(keys);
  SealedMedia told;
  sealed(without, Bytes(100, 'x'), 100, told);
  EXPECT_EQ(told.sidecar, Bytes());
}

TEST(MediaFile, APartComesOutWithoutWhatIsBeforeIt) {
  const MediaKeys keys = media_keys(kKey, kVideoKeys);
  Bytes content(1000, 0);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i);
  const Bytes file = seal_media(keys, content);
  for (const std::size_t at : {0u, 16u, 512u, 992u}) {
    const ByteView before = at == 0 ? ByteView() : ByteView(file).subspan(at - 16, 16);
    MediaReader reader(keys, file.size(), at, before);
    Bytes out;
    ASSERT_TRUE(reader.read(ByteView(file).subspan(at), out)) << at;
    EXPECT_TRUE(reader.ended());
    EXPECT_EQ(out, to_bytes(ByteView(content).subspan(at)));
    MediaReader middle(keys, file.size(), at, before);
    Bytes block;
    ASSERT_TRUE(middle.read(ByteView(file).subspan(at, 16), block));
    EXPECT_EQ(block, to_bytes(ByteView(content).subspan(at).first(std::min<std::size_t>(16, 1000 - at))));
  }
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
