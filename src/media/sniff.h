// What a file is, by its first bytes and never by its name: whoever names a file may be wrong, or lie.
#pragma once

#include <string_view>

#include "media/source.h"

namespace pigeond::media {

// How phones show it. What no phone is sure to show or play is a document.
enum class Family { image, video, audio, document };

enum class Format {
  unknown,
  jpeg,
  png,
  gif,
  webp,
  heif,  // HEIC and AVIF: pictures to some phones, so documents
  mp4,   // ISO base media: MP4, M4A, 3GP, QuickTime
  ogg,
  mp3,
  adts,
  wav,
  amr,
  pdf,
  zip,
};

struct Type {
  Format format = Format::unknown;
  std::string_view mimetype = "application/octet-stream";  // a literal
  Family family = Family::document;
};

// io alone fails: what nothing here knows is an unknown document. Reads the first 4 KB; behind an ID3 tag, as
// much there.
//
// Two formats don't say at their beginning whether there is a picture in them. An MP4 file is told by its
// brand (ISO/IEC 14496-12, ftyp) to be video/mp4, audio/mp4, video/3gpp or video/quicktime here, and its
// tracks may say otherwise (media/facts.h); an Ogg file by its first stream: "audio/ogg; codecs=opus" or
// audio/ogg.
Result<Type> sniff(Source& source);

}  // namespace pigeond::media
