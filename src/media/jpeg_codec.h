// libjpeg-turbo as this layer needs it. The library reports errors by a jump over its own frames and ours, so
// what stands here is plain data and functions of C's kind: nothing that a jump passes over has a destructor.
#pragma once

#include <cstddef>
#include <cstdint>

#include "media/source.h"

namespace pigeond::media {

enum class JpegEnd {
  fine,
  damaged,     // the library found no way through it
  too_large,   // of what base/limits.h allows
  unreadable,  // the source failed
};

struct JpegDecoder;

struct JpegPicture {
  unsigned stored_width = 0, stored_height = 0;
  unsigned width = 0, height = 0;  // of what is decoded, as it is stored: no more than is asked for, or a bit
};

JpegDecoder* jpeg_decoder_new(Source& source);  // nullptr: no memory
void jpeg_decoder_free(JpegDecoder* decoder);

// Reads the head and chooses the smallest of the scales 1/8, 2/8 ... 8/8 at which the long side still has
// `long_side` pixels. Before any memory for pixels is asked for, sizes are held against base/limits.h.
JpegEnd jpeg_begin(JpegDecoder* decoder, unsigned long_side, JpegPicture& picture);
// The next row, from above: 3 bytes (red, green, blue) a pixel. A file that is cut gives grey rows from there
// on.
JpegEnd jpeg_row(JpegDecoder* decoder, std::uint8_t* rgb);

// A baseline JPEG of such pixels, of up to `room` bytes. too_large: it would be longer.
JpegEnd jpeg_encode(const std::uint8_t* rgb, unsigned width, unsigned height, int quality, std::uint8_t* out,
                    std::size_t room, std::size_t& used);

}  // namespace pigeond::media
