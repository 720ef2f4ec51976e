#include "media/thumbnail.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "media/jpeg_codec.h"
#include "media/jpeg_head.h"

namespace pigeond::media {
namespace {

struct Free {
  void operator()(JpegDecoder* decoder) const { jpeg_decoder_free(decoder); }
};

struct Pixels {
  std::uint32_t width = 0, height = 0;
  Bytes rgb;  // rows from above

  Pixels(std::uint32_t columns, std::uint32_t rows)
      : width(columns), height(rows), rgb(std::size_t{3} * columns * rows) {}
  std::uint8_t* at(std::uint32_t x, std::uint32_t y) { return rgb.data() + 3 * (std::size_t{y} * width + x); }
  const std::uint8_t* at(std::uint32_t x, std::uint32_t y) const {
    return rgb.data() + 3 * (std::size_t{y} * width + x);
  }
};

Status worded(JpegEnd end) {
  switch (end) {
    case JpegEnd::fine:
      return {};
    case JpegEnd::too_large:
      return fail(Cause::too_large, "an image too large for a thumbnail");
    case JpegEnd::unreadable:
      return fail(Cause::io, "the file");
    case JpegEnd::damaged:
      break;
  }
  return fail(Cause::malformed, "a JPEG that can't be decoded");
}

// Each pixel that goes in belongs to one that comes out, of which it is told the mean: `to` columns of
// `from`, and rows likewise. Nothing is made larger.
class Shrinker {
 public:
  Shrinker(const JpegPicture& from, Pixels& to)
      : from_(from), to_(to), sums_(std::size_t{3} * to.width), counts_(to.width) {}

  void add(const Bytes& row) {
    for (std::uint64_t x = 0; x < from_.width; ++x) {
      const std::uint64_t column = x * to_.width / from_.width;
      for (std::size_t k = 0; k < 3; ++k) sums_[3 * column + k] += row[3 * x + k];
      ++counts_[column];
    }
    ++y_;
    const std::uint64_t next = y_ * to_.height / from_.height;
    if (next != row_) finish_row(next);
  }

 private:
  void finish_row(std::uint64_t next) {
    std::uint8_t* out = to_.at(0, static_cast<std::uint32_t>(row_));
    for (std::size_t i = 0; i < sums_.size(); ++i)
      out[i] = static_cast<std::uint8_t>((sums_[i] + counts_[i / 3] / 2) / counts_[i / 3]);
    std::fill(sums_.begin(), sums_.end(), 0);
    std::fill(counts_.begin(), counts_.end(), 0);
    row_ = next;
  }

  const JpegPicture& from_;
  Pixels& to_;
  std::vector<std::uint64_t> sums_, counts_;
  std::uint64_t y_ = 0, row_ = 0;
};

// 5 to 8 swap the sides first, and are then 1, 2, 4 and 3 of what comes out: 5 the sides swapped alone, 6 a
// quarter turn to the right, 7 both mirrors, 8 a quarter turn to the left.
Pixels turned(const Pixels& from, unsigned orientation) {
  const bool swapped = orientation >= 5;
  const bool mirrored = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool upside_down = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Pixels to(swapped ? from.height : from.width, swapped ? from.width : from.height);
  for (std::uint32_t y = 0; y < to.height; ++y) {
    for (std::uint32_t x = 0; x < to.width; ++x) {
      const std::uint32_t column = mirrored ? to.width - 1 - x : x, row = upside_down ? to.height - 1 - y : y;
      std::copy_n(swapped ? from.at(row, column) : from.at(column, row), 3, to.at(x, y));
    }
  }
  return to;
}

// `side` of an image whose long side becomes kThumbnailSide; of what is decoded there may be a pixel less.
std::uint32_t shrunk(unsigned side, unsigned long_side, unsigned decoded) {
  if (long_side <= kThumbnailSide) return std::min(side, decoded);
  const auto rounded =
      static_cast<unsigned>((std::uint64_t{side} * kThumbnailSide + long_side / 2) / long_side);
  return std::clamp(rounded, 1u, std::max(decoded, 1u));
}

Result<Bytes> encoded(const Pixels& pixels) {
  Bytes out(limits::kThumbnail);
  for (const int quality : {50, 30, 15, 5}) {
    std::size_t used = 0;
    const JpegEnd end =
        jpeg_encode(pixels.rgb.data(), pixels.width, pixels.height, quality, out.data(), out.size(), used);
    if (end == JpegEnd::too_large) continue;
    PIGEOND_CHECK(worded(end));
    out.resize(used);
    return out;
  }
  return fail(Cause::too_large, "a thumbnail");
}

Result<Pixels> small_pixels(Source& source) {
  const std::unique_ptr<JpegDecoder, Free> decoder(jpeg_decoder_new(source));
  if (!decoder) return fail(Cause::internal, "no memory for a JPEG decoder");
  JpegPicture picture;
  PIGEOND_CHECK(worded(jpeg_begin(decoder.get(), kThumbnailSide, picture)));
  const unsigned long_side = std::max(picture.stored_width, picture.stored_height);
  Pixels small(shrunk(picture.stored_width, long_side, picture.width),
               shrunk(picture.stored_height, long_side, picture.height));
  Shrinker shrinker(picture, small);
  Bytes row(std::size_t{3} * picture.width);
  for (unsigned y = 0; y < picture.height; ++y) {
    PIGEOND_CHECK(worded(jpeg_row(decoder.get(), row.data())));
    shrinker.add(row);
  }
  return small;
}

}  // namespace

Result<Thumbnail> thumbnail(Source& source, Format format) {
  if (format != Format::jpeg) return fail(Cause::unsupported, "thumbnails of JPEG alone");
  Window window(source);
  PIGEOND_TRY(const JpegHead head, read_jpeg_head(window));
  PIGEOND_TRY(Pixels pixels, small_pixels(source));
  if (head.orientation != 1) pixels = turned(pixels, head.orientation);
  PIGEOND_TRY(Bytes jpeg, encoded(pixels));
  return Thumbnail{std::move(jpeg), pixels.width, pixels.height};
}

}  // namespace pigeond::media
