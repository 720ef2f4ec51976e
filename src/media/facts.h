// What phones need to be told of a file that is sent to them.
#pragma once

#include <string>

#include "media/sniff.h"

namespace pigeond::media {

struct Facts {
  Format format = Format::unknown;
  std::string_view mimetype;  // a literal; e.g. "audio/ogg; codecs=opus"
  Family family = Family::document;
  std::uint32_t width = 0, height = 0;  // pixels as shown, of an image or a video; 0: none, or unknown
  std::uint32_t seconds = 0;  // of sound or a video, rounded, and 1 of what is shorter; 0: none, or unknown
  bool animated = false;      // media/image_size.h
  std::uint64_t first_frame_bytes = 0;  // media/image_size.h
  bool is_voice_note = false;  // Ogg Opus, mono or stereo: what phones play as one (media/waveform.h)
  std::uint32_t pages = 0;     // of a PDF; 0: unknown
  bool moov_first = false;     // an MP4 that can be played before all of it is there
  // What is wrong with the file, in words for people; empty: nothing that was seen. The type stands all the
  // same, with whatever else is known, so that it can go out as a document; phones may refuse to show it as
  // anything else.
  std::string damaged;
};

// Reads heads and ends, some KB of a file of any size (an AMR is read whole). Fails by io alone: hostile
// bytes are facts.
Result<Facts> look_at(Source& source);

}  // namespace pigeond::media
