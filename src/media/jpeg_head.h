// What stands before the picture in a JPEG file (ITU-T T.81, annex B; Exif 2.32).
#pragma once

#include "media/window.h"

namespace pigeond::media {

struct JpegHead {
  std::uint32_t width = 0, height = 0;  // pixels as they are stored
  // How to show them, as Exif numbers it: 1 as stored, 2 mirrored, 3 by half a turn, 4 upside down, 5 to 8
  // with sides swapped. What is no such number is 1.
  unsigned orientation = 1;

  bool swapped() const { return orientation >= 5; }  // the width that is shown is the stored height
};

// malformed: no JPEG, cut before its picture, or without a size. too_large: more segments than base/limits.h
// allows.
Result<JpegHead> read_jpeg_head(Window& window);

}  // namespace pigeond::media
