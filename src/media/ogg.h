// What an Ogg file says of its sound: the heads of Opus (RFC 7845) and Vorbis (Vorbis I
// specification, 4.2.2).
#pragma once

#include "media/source.h"

namespace pigeond::media {

enum class OggCodec { opus, vorbis, other };

struct Ogg {
  OggCodec codec = OggCodec::other;
  unsigned channels = 0;       // 0 with another codec, as all that follows
  unsigned rate = 0;           // samples a second in which `samples` counts; of Opus always 48000
  unsigned pre_skip = 0;       // Opus: samples that are decoded and thrown away at the beginning
  bool plain_channels = true;  // Opus: mapping family 0, so mono or stereo
  std::uint64_t samples = 0;   // that are heard, of one channel
  bool ended = false;  // the file ends with the last page of its stream; otherwise it is cut, or a recording
                       // that broke off, and `samples` are those until then
};

// malformed: no Ogg file, a damaged head, or no page of sound at its end. unsupported: several streams, one
// beside or behind another, or a later version of Opus' head. too_large: comments beyond base/limits.h. io.
//
// Reads the pages up to the first with sound, and the last two. So damage between them is not seen here; who
// decodes sees it (media/waveform.h).
Result<Ogg> read_ogg(Source& source);

}  // namespace pigeond::media
