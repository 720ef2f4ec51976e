#include "media/mp4.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

using test::be_bytes;

Bytes box(std::string_view type, ByteView content) {
  return concat({be_bytes(content.size() + 8, 4), as_bytes(type), content});
}

Bytes wide_box(std::string_view type, ByteView content) {
  return concat({be_bytes(1, 4), as_bytes(type), be_bytes(content.size() + 16, 8), content});
}

Bytes mvhd(std::uint64_t timescale, std::uint64_t ticks) {
  return box("mvhd", concat({Bytes(12), be_bytes(timescale, 4), be_bytes(ticks, 4), Bytes(80)}));
}

Bytes late_mvhd(std::uint64_t timescale, std::uint64_t ticks) {
  return box("mvhd", concat({Bytes{1}, Bytes(19), be_bytes(timescale, 4), be_bytes(ticks, 8), Bytes(80)}));
}

Result<Mp4> read(ByteView bytes) {
  MemorySource source(bytes);
  return read_mp4(source);
}

TEST(Mp4, KnowsDurationsOfBothVersions) {
  EXPECT_EQ(read(box("moov", mvhd(1000, 1500)))->duration, 1500);
  EXPECT_EQ(read(box("moov", late_mvhd(90000, 90000ull * 3600 * 100)))->duration, 100 * kHour);
  EXPECT_EQ(read(box("moov", mvhd(1000, 0xFFFFFFFF)))->duration, 0);
  EXPECT_EQ(read(box("moov", late_mvhd(1, ~std::uint64_t{0})))->duration, 0);
  EXPECT_GT(read(box("moov", late_mvhd(1, ~std::uint64_t{0} - 1)))->duration, 0);
}

TEST(Mp4, AFragmentedFilmTellsItsDurationInAnotherPlace) {
  const Bytes mehd = box("mehd", concat({Bytes(4), be_bytes(2500, 4)}));
  EXPECT_EQ(read(box("moov", concat({mvhd(1000, 0), box("mvex", mehd)})))->duration, 2500);
}

TEST(Mp4, RefusesATimeScaleOfNothing) {
  EXPECT_EQ(read(box("moov", mvhd(0, 1))).cause(), Cause::malformed);
  EXPECT_EQ(read(box("moov", {})).cause(), Cause::malformed);
}

TEST(Mp4, TakesSizesOf64BitsAndToTheEnd) {
  const auto wide = read(concat({wide_box("mdat", Bytes(10)), wide_box("moov", mvhd(1000, 7))}));
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->duration, 7);
  EXPECT_FALSE(wide->moov_first);
  const Bytes open = concat({be_bytes(0, 4), as_bytes("mdat"), Bytes(100)});
  const auto first = read(concat({box("moov", mvhd(1000, 7)), open}));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->moov_first);
}

TEST(Mp4, RefusesSizesThatLeadNowhere) {
  for (const std::uint64_t size : {2u, 7u, 500u, 0xFFFFFFFFu})
    EXPECT_EQ(read(concat({be_bytes(size, 4), as_bytes("free"), Bytes(20)})).cause(), Cause::malformed)
        << size;
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{15}, std::uint64_t{1} << 63, ~std::uint64_t{0}})
    EXPECT_EQ(read(concat({be_bytes(1, 4), as_bytes("free"), be_bytes(size, 8), Bytes(20)})).cause(),
              Cause::malformed)
        << size;
}

TEST(Mp4, ABoxEndsWithWhatItIsIn) {
  const Bytes long_header = concat({be_bytes(200, 4), as_bytes("mvhd"), Bytes(100)});
  EXPECT_EQ(read(concat({box("moov", long_header), Bytes(500)})).cause(), Cause::malformed);
  EXPECT_EQ(read(concat({box("moov", box("mvhd", Bytes(4))), Bytes(500)})).cause(), Cause::malformed);
  EXPECT_EQ(read(concat({box("moov", concat({mvhd(1, 1), box("trak", box("tkhd", Bytes(8)))})), Bytes(500)}))
                .cause(),
            Cause::malformed);
}

TEST(Mp4, BoxesAndTracksAreCounted) {
  Bytes many;
  for (std::size_t i = 0; i <= limits::kMp4Boxes; ++i) {
    const Bytes empty = box("free", {});
    many.insert(many.end(), empty.begin(), empty.end());
  }
  EXPECT_EQ(read(many).cause(), Cause::too_large);
  Bytes tracks = mvhd(1, 1);
  for (std::size_t i = 0; i <= limits::kMp4Tracks; ++i) {
    const Bytes empty = box("trak", {});
    tracks.insert(tracks.end(), empty.begin(), empty.end());
  }
  EXPECT_EQ(read(box("moov", tracks)).cause(), Cause::too_large);
}

TEST(Mp4, NestingIsNoDepth) {
  Bytes nested;
  for (int i = 0; i < 2000; ++i) nested = box("moov", nested);
  EXPECT_EQ(read(nested).cause(), Cause::malformed);  // a table of contents without its head
}

TEST(Mp4, OfALargeFileOnlyHeadsAreRead) {
  const std::uint64_t size = std::uint64_t{8} << 30;
  const Bytes head = concat({box("moov", mvhd(1000, 7)), be_bytes(0, 4), as_bytes("mdat")});
  test::HugeSource source(head, size);
  ASSERT_TRUE(read_mp4(source));
  EXPECT_LT(source.asked, 20000u);
}

TEST(Mp4, KnowsAFragmentedFilm) {
  const auto mp4 = read(test::sample("fragmented.mp4"));
  ASSERT_TRUE(mp4);
  EXPECT_TRUE(mp4->has_video);
  EXPECT_TRUE(mp4->moov_first);
  EXPECT_EQ(mp4->width, 96u);
}

}  // namespace
}  // namespace pigeond::media
