// How long sound is in the formats that say little else: MP3, AAC in ADTS, WAV, AMR.
#pragma once

#include "base/time.h"
#include "media/sniff.h"

namespace pigeond::media {

// In milliseconds. MP3: by the count of frames in a Xing, Info or VBRI frame, and else, as ADTS, by the mean
// of its first 256 frames and the size of the file. WAV (RIFF, "Multimedia Programming Interface and Data
// Specifications 1.0"): by bytes a second. AMR (RFC 4867, section 5): by counting frames. malformed: cut in
// its head, or wrong. unsupported: another format. too_large: more frames or chunks than base/limits.h has.
// io.
Result<Millis> sound_duration(Source& source, Format format);

}  // namespace pigeond::media
