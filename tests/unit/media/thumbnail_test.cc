#include "media/thumbnail.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "media/jpeg_codec.h"
#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::sample;

Result<Thumbnail> small(ByteView bytes) {
  MemorySource source(bytes);
  return thumbnail(source, Format::jpeg);
}

// What is in the middle of the four quarters, rows from above: the main colour of each, and "w" for white.
std::string quarters(const Thumbnail& thumbnail) {
  MemorySource source(thumbnail.jpeg);
  JpegDecoder* decoder = jpeg_decoder_new(source);
  JpegPicture picture;
  EXPECT_EQ(jpeg_begin(decoder, 10000, picture), JpegEnd::fine);
  EXPECT_EQ(picture.width, thumbnail.width);
  EXPECT_EQ(picture.height, thumbnail.height);
  std::string seen;
  Bytes row(std::size_t{3} * picture.width);
  for (unsigned y = 0; y < picture.height; ++y) {
    EXPECT_EQ(jpeg_row(decoder, row.data()), JpegEnd::fine);
    if (y != picture.height / 4 && y != picture.height * 3 / 4) continue;
    for (const unsigned x : {picture.width / 4, picture.width * 3 / 4}) {
      const std::uint8_t* pixel = row.data() + std::size_t{3} * x;
      const bool red = pixel[0] > 180, green = pixel[1] > 180, blue = pixel[2] > 180;
      seen += red && green && blue     ? 'w'
              : red && !green && !blue ? 'r'
              : green && !red && !blue ? 'g'
              : blue && !red           ? 'b'
                                       : '?';
    }
  }
  jpeg_decoder_free(decoder);
  return seen;
}

TEST(Thumbnail, IsTheImageMadeSmall) {
  for (const auto name : {"baseline.jpg", "progressive.jpg", "cmyk.jpg"}) {
    SCOPED_TRACE(name);
    const auto made = small(sample(name));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->width, 72u);
    EXPECT_EQ(made->height, 54u);
    EXPECT_LE(made->jpeg.size(), limits::kThumbnail);
    EXPECT_EQ(quarters(*made), "rgbw");
  }
}

TEST(Thumbnail, IsTurnedAsExifSays) {
  const auto right = small(sample("orientation-6.jpg")), left = small(sample("orientation-8.jpg"));
  ASSERT_TRUE(right && left);
  EXPECT_EQ(right->width, 54u);
  EXPECT_EQ(right->height, 72u);
  EXPECT_EQ(quarters(*right), "brwg");
  EXPECT_EQ(quarters(*left), "gwrb");
  const std::string_view expected[] = {"rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"};
  Bytes bytes = sample("orientation-6.jpg");
  const std::size_t tag = as_text(bytes).find(std::string_view("\x01\x12\x00\x03", 4));
  ASSERT_NE(tag, std::string_view::npos);
  for (unsigned orientation = 1; orientation <= 8; ++orientation) {
    bytes[tag + 9] = static_cast<std::uint8_t>(orientation);
    const auto turned = small(bytes);
    ASSERT_TRUE(turned);
    EXPECT_EQ(quarters(*turned), expected[orientation - 1]) << orientation;
  }
}

TEST(Thumbnail, OfALargeImageIsDecodedAtAnEighth) {
  const Bytes bytes = sample("large.jpg");
  MemorySource source(bytes);
  JpegDecoder* decoder = jpeg_decoder_new(source);
  JpegPicture picture;
  EXPECT_EQ(jpeg_begin(decoder, kThumbnailSide, picture), JpegEnd::fine);
  EXPECT_EQ(picture.width, 200u);
  EXPECT_EQ(picture.height, 150u);
  jpeg_decoder_free(decoder);
  const auto made = small(bytes);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->width, 72u);
  EXPECT_EQ(made->height, 54u);
}

Bytes resized(Bytes bytes, std::uint8_t frame, unsigned width, unsigned height) {
  const std::uint8_t marker[] = {0xFF, frame};
  const std::size_t at = as_text(bytes).find(as_text(marker));
  EXPECT_NE(at, std::string_view::npos);
  const Bytes size = concat({test::be_bytes(height, 2), test::be_bytes(width, 2)});
  std::copy(size.begin(), size.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at) + 5);
  return bytes;
}

TEST(Thumbnail, OfABombIsRefusedByItsHead) {
  EXPECT_EQ(small(resized(sample("baseline.jpg"), 0xC0, 65500, 65500)).cause(), Cause::too_large);
  EXPECT_EQ(small(resized(sample("progressive.jpg"), 0xC2, 6000, 6000)).cause(), Cause::too_large);
  // Of a file that ends long before its last row, what is there is shown.
  EXPECT_TRUE(small(resized(sample("baseline.jpg"), 0xC0, 2000, 2000)));
  EXPECT_TRUE(small(resized(sample("progressive.jpg"), 0xC2, 2000, 2000)));
}

TEST(Thumbnail, OfVeryLongOrFlatImagesHasASide) {
  const auto flat = small(resized(sample("grey.jpg"), 0xC0, 16000, 3));
  ASSERT_TRUE(flat);
  EXPECT_EQ(flat->width, 72u);
  EXPECT_EQ(flat->height, 1u);
  const auto dot = small(resized(sample("grey.jpg"), 0xC0, 1, 1));
  ASSERT_TRUE(dot);
  EXPECT_EQ(dot->width, 1u);
}

TEST(Thumbnail, AnImageOfScansWithoutEndIsLeft) {
  const Bytes bytes = sample("progressive.jpg");
  const std::string_view text = as_text(bytes);
  const std::size_t from = text.find("\xFF\xDA"), to = text.rfind("\xFF\xD9");
  // The last scan once more, and again.
  const std::size_t last = text.rfind("\xFF\xDA");
  ASSERT_LT(from, last);
  Bytes bomb(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(to));
  for (int i = 0; i < 2000; ++i)
    bomb.insert(bomb.end(), bytes.begin() + static_cast<std::ptrdiff_t>(last),
                bytes.begin() + static_cast<std::ptrdiff_t>(to));
  EXPECT_EQ(small(bomb).cause(), Cause::too_large);
}

TEST(Thumbnail, CutAtEveryOffsetIsAnswered) {
  for (const auto name : {"baseline.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg"}) {
    const Bytes whole = sample(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto made = small(cut);
      EXPECT_TRUE(made || made.cause() == Cause::malformed) << name << " " << size;
    }
  }
}

TEST(Thumbnail, OfAnotherFormatIsUnsupported) {
  const Bytes bytes = sample("image.png");
  MemorySource source(bytes);
  EXPECT_EQ(thumbnail(source, Format::png).cause(), Cause::unsupported);
  test::BrokenSource broken;
  EXPECT_EQ(thumbnail(broken, Format::jpeg).cause(), Cause::io);
}

}  // namespace
}  // namespace pigeond::media
