// The picture of a voice note's loudness that phones draw beside it.
#pragma once

#include <array>

#include "media/source.h"

namespace pigeond::media {

// 64 values of 0 to 100: of each 64th of the sound the mean of |sample| of the first channel, as a percentage
// of the largest of them, rounded down; so what a reader sees of silence alone is 0 everywhere.
using Waveform = std::array<std::uint8_t, 64>;

// Decodes the whole of an Ogg Opus file, or its first hour, with constant memory: some 200 KB. An hour of
// speech took a core of a PC five seconds, so a minute 80 ms: nothing for the loop's thread. unsupported: not
// Opus, or with more channels than two. malformed: damaged; a file that is only cut is not. too_large: pages
// beyond base/limits.h. io.
Result<Waveform> waveform(Source& source);

}  // namespace pigeond::media
