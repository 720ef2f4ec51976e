// What stands in the boxes of an MP4, M4A, 3GP or QuickTime file (ISO/IEC 14496-12; Apple's QuickTime File
// Format).
#pragma once

#include "base/time.h"
#include "media/source.h"

namespace pigeond::media {

struct Mp4 {
  Millis duration = 0;  // 0: nobody says; a fragmented file may do without
  std::uint32_t width = 0,
                height = 0;  // pixels of the first picture track as it is shown, so turned; 0: none
  bool has_video = false, has_audio = false;
  bool moov_first = false;  // the table of contents precedes the content: it plays before all of it is there
};

// malformed: no such file, cut, or of a time scale of 0. too_large: more boxes or tracks than base/limits.h
// allows. Reads heads of boxes, and none of the content: some KB, whatever the size.
Result<Mp4> read_mp4(Source& source);

}  // namespace pigeond::media
