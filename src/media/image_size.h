// How large an image is, and whether it moves, without a look at its pixels. What is said here may be
// anything up to 2^32 - 1: whoever makes room for pixels asks how many first.
#pragma once

#include "media/sniff.h"

namespace pigeond::media {

struct ImageSize {
  std::uint32_t width = 0,
                height = 0;  // pixels as they are shown, so after a JPEG is turned as its Exif says
  bool animated = false;     // WebP that says so; a GIF with a second picture
  // Of a WebP that is animated: how many bytes there are from the beginning of the file to the end of its
  // first frame (a phone shows it before the rest has come); 0 otherwise.
  std::uint64_t first_frame_bytes = 0;
};

// JPEG (ITU-T T.81), PNG (ISO/IEC 15948), GIF (GIF89a specification), WebP (RFC 9649). unsupported: another
// format. malformed: cut before what is wanted, or wrong. too_large: more than base/limits.h has of what
// stands before it.
Result<ImageSize> image_size(Source& source, Format format);

}  // namespace pigeond::media
