#include "media/image_size.h"

#include <gtest/gtest.h>

#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::be_bytes;
using test::le_bytes;
using test::sample;

Result<ImageSize> size_of(ByteView bytes, Format format) {
  MemorySource source(bytes);
  return image_size(source, format);
}

TEST(ImageSize, TheFirstFrameOfAnAnimationEndsWithItsChunk) {
  const Bytes bytes = sample("moving.webp");
  const auto size = size_of(bytes, Format::webp);
  ASSERT_TRUE(size);
  const std::string_view text = as_text(bytes);
  const std::size_t second = text.find("ANMF", text.find("ANMF") + 1);
  ASSERT_NE(second, std::string_view::npos);
  EXPECT_EQ(size->first_frame_bytes, second);
}

TEST(ImageSize, AHugeHeaderIsOnlyANumber) {
  const Bytes webp = concat({as_bytes("RIFF"), le_bytes(22, 4), as_bytes("WEBPVP8X"), le_bytes(10, 4),
                             le_bytes(0, 4), le_bytes(15999, 3), le_bytes(15999, 3)});
  const auto size = size_of(webp, Format::webp);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 16000u);
  EXPECT_EQ(size->height, 16000u);
  const Bytes jpeg{0xFF, 0xD8, 0xFF, 0xC2, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF};
  EXPECT_FALSE(size_of(jpeg, Format::jpeg));  // its segment is longer than the file
  EXPECT_EQ(size_of(concat({jpeg, Bytes(20)}), Format::jpeg)->width, 65535u);
}

TEST(ImageSize, WithoutPixelsThereIsNoImage) {
  EXPECT_EQ(size_of(concat({as_bytes("GIF89a"), Bytes(7), as_bytes(";")}), Format::gif).cause(),
            Cause::malformed);
  EXPECT_EQ(size_of({{0xFF, 0xD8, 0xFF, 0xC0, 0, 8, 8, 0, 0, 0, 1, 0}}, Format::jpeg).cause(),
            Cause::malformed);
  Bytes png = sample("image.png");
  std::fill_n(png.begin() + 16, 4, 0);
  EXPECT_EQ(size_of(png, Format::png).cause(), Cause::malformed);
  std::fill_n(png.begin() + 16, 4, 0xFF);
  EXPECT_EQ(size_of(png, Format::png).cause(), Cause::malformed);
}

TEST(ImageSize, AJpegOfNothingButMarkersEnds) {
  Bytes many{0xFF, 0xD8};
  for (int i = 0; i < 100000; ++i) many.insert(many.end(), {0xFF, 0xE0, 0, 2});
  EXPECT_EQ(size_of(many, Format::jpeg).cause(), Cause::too_large);
  EXPECT_EQ(size_of(Bytes(1000000, 0xFF), Format::jpeg).cause(), Cause::malformed);
}

TEST(ImageSize, AGifOfAnyLengthIsLookedAtForAWhile) {
  Bytes gif =
      concat({as_bytes("GIF89a"), le_bytes(5, 2), le_bytes(7, 2), Bytes(3), as_bytes(","), Bytes(10)});
  for (int i = 0; i < 500000; ++i) gif.insert(gif.end(), {1, 0x55});
  test::HugeSource source(gif, gif.size());
  const auto size = image_size(source, Format::gif);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 5u);
  EXPECT_FALSE(size->animated);
  EXPECT_LT(source.asked, 100000u);
}

Bytes with_exif(ByteView tiff) {
  const Bytes exif = concat({as_bytes("Exif"), Bytes(2), tiff});
  return concat({Bytes{0xFF, 0xD8, 0xFF, 0xE1}, be_bytes(exif.size() + 2, 2), exif,
                 Bytes{0xFF, 0xC0, 0, 11, 8, 0, 10, 0, 20, 1, 1, 0x11, 0}});
}

TEST(ImageSize, AnOrientationOfEitherByteOrderTurnsAJpeg) {
  const Bytes little = concat({as_bytes("II"), le_bytes(42, 2), le_bytes(8, 4), le_bytes(1, 2),
                               le_bytes(0x112, 2), le_bytes(3, 2), le_bytes(1, 4), le_bytes(6, 4)});
  EXPECT_EQ(size_of(with_exif(little), Format::jpeg)->width, 10u);
  const Bytes big = concat({as_bytes("MM"), be_bytes(42, 2), be_bytes(8, 4), be_bytes(1, 2),
                            be_bytes(0x112, 2), be_bytes(3, 2), be_bytes(1, 4), be_bytes(8, 2), Bytes(2)});
  EXPECT_EQ(size_of(with_exif(big), Format::jpeg)->width, 10u);
}

TEST(ImageSize, AnExifThatLeadsElsewhereTurnsNothing) {
  for (const std::uint64_t directory : {0xFFFFFFFFu, 200u, 9u, 7u}) {
    const Bytes tiff = concat(
        {as_bytes("II"), le_bytes(42, 2), le_bytes(directory, 4), le_bytes(0xFFFF, 2), Bytes(12, 0xFF)});
    const auto size = size_of(with_exif(tiff), Format::jpeg);
    ASSERT_TRUE(size) << directory;
    EXPECT_EQ(size->width, 20u);
  }
}

TEST(ImageSize, OfAnotherFormatIsUnsupported) {
  EXPECT_EQ(size_of(sample("sound.wav"), Format::wav).cause(), Cause::unsupported);
}

}  // namespace
}  // namespace pigeond::media
