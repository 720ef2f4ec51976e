#include "media/waveform.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "media/ogg_pages.h"
#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::sample;

Result<Waveform> wave_of(ByteView bytes) {
  MemorySource source(bytes);
  return waveform(source);
}

void expect_near(const Waveform& wave, const Waveform& expected) {
  for (std::size_t i = 0; i < wave.size(); ++i)
    EXPECT_LE(std::abs(int{wave[i]} - int{expected[i]}), 2)
        << i << ": " << int{wave[i]} << " " << int{expected[i]};
}

// Computed from what opusdec makes of these files at 48 kHz. That here a third of the rate is decoded, moves
// a value by one or two.
TEST(Waveform, IsThatOfAnotherDecoder) {
  const auto voice = wave_of(sample("voice.ogg"));
  ASSERT_TRUE(voice);
  expect_near(*voice,
              {15, 28, 41, 52, 63, 72, 80, 87, 93, 97, 99, 99, 97,  95, 90, 83, 75, 67, 51, 44, 32, 20,
               13, 23, 36, 47, 58, 69, 78, 84, 90, 95, 99, 99, 100, 94, 93, 84, 78, 68, 57, 47, 36, 24,
               12, 20, 31, 43, 55, 65, 75, 83, 89, 92, 97, 98, 98,  97, 94, 86, 81, 72, 59, 47});
}

TEST(Waveform, OfStereoIsTheFirstChannels) {
  const auto stereo = wave_of(sample("stereo.opus"));
  ASSERT_TRUE(stereo);
  expect_near(*stereo,
              {5,  5,  6,  6,  8,  9,  11, 12, 14, 15, 16, 18, 20, 21, 23, 24, 25, 27, 28,  30, 32, 33,
               35, 36, 38, 40, 40, 42, 44, 44, 48, 49, 50, 53, 51, 55, 57, 57, 61, 62, 62,  65, 65, 68,
               68, 69, 73, 74, 74, 77, 77, 80, 80, 80, 85, 86, 87, 92, 91, 94, 96, 94, 100, 99});
}

TEST(Waveform, OfWhatIsNoOpusIsUnsupported) {
  EXPECT_EQ(wave_of(sample("vorbis.ogg")).cause(), Cause::unsupported);
  EXPECT_EQ(wave_of(sample("sound.wav")).cause(), Cause::malformed);
}

TEST(Waveform, ADamagedPageIsAnErrorAndACutFileIsNot) {
  Bytes bytes = sample("voice.ogg");
  EXPECT_TRUE(wave_of(ByteView(bytes).first(bytes.size() - 10)));
  bytes[bytes.size() / 2] ^= 1u;
  EXPECT_EQ(wave_of(bytes).cause(), Cause::malformed);
}

TEST(Waveform, CutAtEveryFewOffsetsIsAnswered) {
  const Bytes whole = sample("stereo.opus");
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto wave = wave_of(cut);
    EXPECT_TRUE(wave || wave.cause() == Cause::malformed) << size;
  }
}

}  // namespace
}  // namespace pigeond::media
