#include "media/ogg.h"

#include <gtest/gtest.h>

#include "media/ogg_pages.h"
#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::sample;

Result<Ogg> read(ByteView bytes) {
  MemorySource source(bytes);
  return read_ogg(source);
}

// Where each page of a file begins, and its end.
std::vector<std::size_t> page_starts(ByteView bytes) {
  std::vector<std::size_t> starts{0};
  while (starts.back() < bytes.size())
    starts.push_back(starts.back() + ogg_page(bytes.subspan(starts.back()))->bytes);
  return starts;
}

TEST(Ogg, KnowsWhatOpusinfoKnows) {
  const auto voice = read(sample("voice.ogg"));
  ASSERT_TRUE(voice);
  EXPECT_EQ(voice->codec, OggCodec::opus);
  EXPECT_EQ(voice->channels, 1u);
  EXPECT_EQ(voice->pre_skip, 312u);
  EXPECT_EQ(voice->samples, 144000u);
  EXPECT_TRUE(voice->ended);
  const auto stereo = read(sample("stereo.opus"));
  ASSERT_TRUE(stereo);
  EXPECT_EQ(stereo->channels, 2u);
  EXPECT_EQ(stereo->samples, 48000u);
}

TEST(Ogg, TellsVorbisFromOpus) {
  const auto vorbis = read(sample("vorbis.ogg"));
  ASSERT_TRUE(vorbis);
  EXPECT_EQ(vorbis->codec, OggCodec::vorbis);
  EXPECT_EQ(vorbis->rate, 16000u);
  EXPECT_EQ(vorbis->samples, 16000u);
}

TEST(Ogg, WithoutItsLastPageAFileIsCut) {
  const Bytes bytes = sample("voice.ogg");
  const auto starts = page_starts(bytes);
  ASSERT_GE(starts.size(), 5u);
  const auto cut = read(ByteView(bytes).first(starts[starts.size() - 2]));
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->ended);
  EXPECT_LT(cut->samples, 144000u);
  EXPECT_GT(cut->samples, 0u);
  const auto longer = read(concat({bytes, Bytes(3)}));
  ASSERT_TRUE(longer);
  EXPECT_FALSE(longer->ended);
}

TEST(Ogg, HeadsAloneAreNoSound) {
  const Bytes bytes = sample("voice.ogg");
  const auto starts = page_starts(bytes);
  EXPECT_EQ(read(ByteView(bytes).first(starts[1])).cause(), Cause::malformed);
  const auto heads = read(ByteView(bytes).first(starts[2]));
  EXPECT_TRUE(!heads || heads->samples == 0);
}

TEST(Ogg, ADamagedPageIsSeen) {
  for (const std::size_t at : {5u, 20u, 26u, 30u, 40u}) {
    Bytes bytes = sample("voice.ogg");
    bytes[at] ^= 0x10u;
    EXPECT_FALSE(read(bytes)) << at;
  }
}

TEST(Ogg, OneStreamBehindAnotherIsUnsupported) {
  const Bytes bytes = sample("stereo.opus");
  const Bytes twice = concat({bytes, bytes});
  MemorySource source(twice);
  OggPackets packets(source);
  for (;;) {
    const auto packet = packets.next();
    if (packet) {
      ASSERT_TRUE(packet->has_value());
      continue;
    }
    EXPECT_EQ(packet.cause(), Cause::unsupported);
    break;
  }
}

TEST(Ogg, WhatOnlyLooksLikePagesIsTriedAFewTimes) {
  Bytes bytes = sample("voice.ogg");
  Bytes head(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(page_starts(bytes)[3]));
  Bytes fake = concat({as_bytes("OggS"), Bytes(22), Bytes{255}});
  for (int i = 0; i < 6000; ++i) head.insert(head.end(), fake.begin(), fake.end());
  EXPECT_EQ(read(head).cause(), Cause::malformed);
}

}  // namespace
}  // namespace pigeond::media
