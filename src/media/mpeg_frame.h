// The head of a frame of MP3 (ISO/IEC 11172-3 and 13818-3, and what is called MPEG 2.5) or of AAC in ADTS
// (ISO/IEC 14496-3, 1.A.2).
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace pigeond::media {

inline constexpr std::size_t kMpegFrameHead = 7;  // bytes that are looked at

struct MpegFrame {
  bool adts = false;
  unsigned rate = 0;      // samples a second
  unsigned samples = 0;   // in this frame
  std::size_t bytes = 0;  // of the frame with its head
  unsigned kind = 0;      // version and layer, as they stand in the head

  bool same_stream(const MpegFrame& other) const {
    return adts == other.adts && rate == other.rate && kind == other.kind;
  }
};

// nullopt: no such frame begins here, or fewer than kMpegFrameHead bytes are there. Of MP3, layer III alone,
// and no "free" bit rate.
std::optional<MpegFrame> mpeg_frame(ByteView bytes);

// How many bytes the ID3 tag takes that begins a file with these bytes, ten of them; 0: there is none.
std::uint64_t id3_bytes(ByteView head);

}  // namespace pigeond::media
