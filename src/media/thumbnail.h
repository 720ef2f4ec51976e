// The small picture that is in a message itself, and that a phone shows until the large one is there.
#pragma once

#include "media/sniff.h"

namespace pigeond::media {

inline constexpr unsigned kThumbnailSide = 72;  // pixels of the long side; what is smaller stays as it is

struct Thumbnail {
  Bytes jpeg;  // at most limits::kThumbnail
  std::uint32_t width = 0, height = 0;
};

// Of a JPEG image, turned as its Exif says. What is cut is grey from there on.
//
// Rows are decoded at up to an eighth of their size and added up as they come: a baseline image of 12
// megapixels takes less than 300 KB, whatever it shows. A progressive one takes its coefficients, 36 MB in
// that case.
//
// unsupported: another format than JPEG. malformed: damaged beyond reading. too_large: more than
// limits::kJpegPixels, or progressive with more coefficients or scans than limits::kJpegMemory and
// kJpegScans. io.
Result<Thumbnail> thumbnail(Source& source, Format format);

}  // namespace pigeond::media
