#include "media/facts.h"

#include <gtest/gtest.h>

#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::sample;

Facts facts_of(ByteView bytes) {
  MemorySource source(bytes);
  auto facts = look_at(source);
  EXPECT_TRUE(facts);
  return *facts;
}

struct Expected {
  const char* name;
  std::string_view mimetype;
  Family family;
  std::uint32_t width, height, seconds, pages;
};

// What ffprobe, webpinfo, identify and qpdf say of them.
constexpr Expected kExpected[] = {
    {"baseline.jpg", "image/jpeg", Family::image, 160, 120, 0, 0},
    {"progressive.jpg", "image/jpeg", Family::image, 160, 120, 0, 0},
    {"grey.jpg", "image/jpeg", Family::image, 160, 120, 0, 0},
    {"cmyk.jpg", "image/jpeg", Family::image, 160, 120, 0, 0},
    {"orientation-6.jpg", "image/jpeg", Family::image, 120, 160, 0, 0},
    {"large.jpg", "image/jpeg", Family::image, 1600, 1200, 0, 0},
    {"image.png", "image/png", Family::image, 160, 120, 0, 0},
    {"still.gif", "image/gif", Family::image, 160, 120, 0, 0},
    {"moving.gif", "image/gif", Family::image, 40, 30, 0, 0},
    {"lossy.webp", "image/webp", Family::image, 128, 96, 0, 0},
    {"lossless.webp", "image/webp", Family::image, 160, 120, 0, 0},
    {"transparent.webp", "image/webp", Family::image, 40, 30, 0, 0},
    {"moving.webp", "image/webp", Family::image, 40, 30, 0, 0},
    {"image.heic", "image/heic", Family::document, 0, 0, 0, 0},
    {"video.mp4", "video/mp4", Family::video, 96, 64, 1, 0},
    {"faststart.mp4", "video/mp4", Family::video, 96, 64, 1, 0},
    {"turned.mp4", "video/mp4", Family::video, 64, 96, 1, 0},
    {"quicktime.mov", "video/quicktime", Family::video, 96, 64, 1, 0},
    {"video.3gp", "video/3gpp", Family::video, 176, 144, 1, 0},
    {"sound.m4a", "audio/mp4", Family::audio, 0, 0, 1, 0},
    {"sound-of-other-brand.mp4", "audio/mp4", Family::audio, 0, 0, 1, 0},
    {"voice.ogg", "audio/ogg; codecs=opus", Family::audio, 0, 0, 3, 0},
    {"stereo.opus", "audio/ogg; codecs=opus", Family::audio, 0, 0, 1, 0},
    {"vorbis.ogg", "audio/ogg", Family::audio, 0, 0, 1, 0},
    {"constant.mp3", "audio/mpeg", Family::audio, 0, 0, 1, 0},
    {"variable.mp3", "audio/mpeg", Family::audio, 0, 0, 1, 0},
    {"sound.aac", "audio/aac", Family::audio, 0, 0, 1, 0},
    {"sound.wav", "audio/wav", Family::audio, 0, 0, 1, 0},
    {"sound.amr", "audio/amr", Family::audio, 0, 0, 1, 0},
    {"three-pages.pdf", "application/pdf", Family::document, 0, 0, 0, 3},
    {"linearized.pdf", "application/pdf", Family::document, 0, 0, 0, 3},
    {"archive.zip", "application/zip", Family::document, 0, 0, 0, 0},
};

TEST(Facts, AgreeWithOtherTools) {
  for (const auto& expected : kExpected) {
    SCOPED_TRACE(expected.name);
    const Facts facts = facts_of(sample(expected.name));
    EXPECT_EQ(facts.damaged, "");
    EXPECT_EQ(facts.mimetype, expected.mimetype);
    EXPECT_EQ(facts.family, expected.family);
    EXPECT_EQ(facts.width, expected.width);
    EXPECT_EQ(facts.height, expected.height);
    EXPECT_EQ(facts.seconds, expected.seconds);
    EXPECT_EQ(facts.pages, expected.pages);
  }
}

TEST(Facts, SayWhatMovesAndWhatCanBePlayedEarly) {
  EXPECT_TRUE(facts_of(sample("moving.gif")).animated);
  EXPECT_FALSE(facts_of(sample("still.gif")).animated);
  EXPECT_TRUE(facts_of(sample("moving.webp")).animated);
  EXPECT_FALSE(facts_of(sample("transparent.webp")).animated);
  EXPECT_TRUE(facts_of(sample("faststart.mp4")).moov_first);
  EXPECT_FALSE(facts_of(sample("video.mp4")).moov_first);
}

TEST(Facts, AVoiceNoteIsOpusAndNothingElse) {
  EXPECT_TRUE(facts_of(sample("voice.ogg")).is_voice_note);
  EXPECT_TRUE(facts_of(sample("stereo.opus")).is_voice_note);
  EXPECT_FALSE(facts_of(sample("vorbis.ogg")).is_voice_note);
  EXPECT_FALSE(facts_of(sample("sound.m4a")).is_voice_note);
}

TEST(Facts, PagesThatStandInCompressedObjectsAreUnknown) {
  const Facts facts = facts_of(sample("compressed.pdf"));
  EXPECT_EQ(facts.damaged, "");
  EXPECT_EQ(facts.pages, 0u);
}

TEST(Facts, ADamagedFileKeepsItsType) {
  Bytes film = sample("video.mp4");
  film.resize(film.size() - 10);
  const Facts facts = facts_of(film);
  EXPECT_EQ(facts.mimetype, "video/mp4");
  EXPECT_FALSE(facts.damaged.empty());
}

TEST(Facts, WhatNobodyKnowsIsADocument) {
  for (const std::string_view text : {"", "x", "hello, world", "RIFF", "OggS", "\xFF\xFB", "ID3", "PK"}) {
    const Facts facts = facts_of(as_bytes(text));
    if (text == "OggS") continue;  // Ogg, but damaged
    EXPECT_EQ(facts.mimetype, "application/octet-stream") << text;
    EXPECT_EQ(facts.family, Family::document);
    EXPECT_EQ(facts.damaged, "");
  }
}

TEST(Facts, OfAFileThatCannotBeReadAreAnError) {
  test::BrokenSource source;
  EXPECT_EQ(look_at(source).cause(), Cause::io);
}

// Each byte that is there has the meaning that it has in the whole file: the type that is told can't become
// another one once it is known, but that sound is only told from film by tracks.
TEST(Facts, CutAtEveryOffsetIsAnswered) {
  for (const auto& name : test::sample_names()) {
    SCOPED_TRACE(name);
    const Bytes whole = sample(name);
    const auto format = facts_of(whole).format;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(),
                      whole.begin() + static_cast<std::ptrdiff_t>(size));  // so that ASan sees its end
      const Facts facts = facts_of(cut);
      EXPECT_TRUE(facts.format == format || facts.format == Format::unknown) << size;
      if (format == Format::ogg && facts.format == format) {
        EXPECT_FALSE(facts.damaged.empty()) << size;
      }
    }
  }
}

}  // namespace
}  // namespace pigeond::media
