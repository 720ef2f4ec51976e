#include "media/image_size.h"

#include <algorithm>

#include "base/limits.h"
#include "media/jpeg_head.h"

namespace pigeond::media {
namespace {

std::uint32_t le(ByteView bytes, std::size_t at, std::size_t count) {
  return static_cast<std::uint32_t>(read_le(bytes.subspan(at, count)));
}

Result<ImageSize> checked(ImageSize size) {
  if (size.width == 0 || size.height == 0) return fail(Cause::malformed, "an image without a size");
  return size;
}

Result<ImageSize> jpeg_size(Window& window) {
  PIGEOND_TRY(const JpegHead head, read_jpeg_head(window));
  if (head.swapped()) return ImageSize{head.height, head.width};
  return ImageSize{head.width, head.height};
}

// 0 signature 8 | 8 length of the first chunk, 13, 4 | 12 "IHDR" | 16 width 4 | 20 height 4, of 31 bits
Result<ImageSize> png_size(Window& window) {
  PIGEOND_TRY(const ByteView bytes, window.at(0, 33));
  if (read_be(bytes.subspan(8, 4)) != 13 || !stands_at(bytes, 12, "IHDR"))
    return fail(Cause::malformed, "no IHDR");
  const std::uint64_t width = read_be(bytes.subspan(16, 4)), height = read_be(bytes.subspan(20, 4));
  if (width >> 31 != 0 || height >> 31 != 0) return fail(Cause::malformed, "a size of 32 bits");
  return checked({static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)});
}

// Blocks of at most 255 bytes, each behind its length, and a length of 0: where what follows them begins.
Result<std::uint64_t> after_blocks(Window& window, std::uint64_t at, std::size_t& steps) {
  for (; steps < limits::kImageChunks; ++steps) {
    PIGEOND_TRY(const ByteView length, window.at(at, 1));
    at += 1u + length[0];
    if (length[0] == 0) return at;
  }
  return fail(Cause::too_large, "blocks of a GIF");
}

// 0 "GIF89a" | 6 width 2 | 8 height 2 | 10 flags 1: 0x80 a table of 2^(1 + flags & 7) colours of 3 bytes
// follows | 11 two bytes | 13 that table | then: 0x21, a kind, blocks | 0x2C, 8 bytes, flags, its table, 1
// byte, blocks | 0x3B
std::uint64_t table(std::uint8_t flags) {
  return (flags & 0x80u) != 0 ? 3u << (1 + (flags & 7u)) : 0;
}

// Whether a second picture stands in the first MB or so: behind a longer one it is not looked for.
Result<bool> moves(Window& window, std::uint64_t at) {
  bool seen_one = false;
  for (std::size_t steps = 0; steps < limits::kImageChunks; ++steps) {
    PIGEOND_TRY(const ByteView kind, window.at(at, 1));
    if (kind[0] == 0x3B) return false;
    Result<std::uint64_t> next = fail(Cause::malformed, "a block of an unknown kind");
    if (kind[0] == 0x21) {
      next = after_blocks(window, at + 2, steps);
    } else if (kind[0] == 0x2C) {
      if (seen_one) return true;
      seen_one = true;
      PIGEOND_TRY(const ByteView picture, window.at(at, 10));
      next = after_blocks(window, at + 11 + table(picture[9]), steps);
    }
    if (!next && next.cause() == Cause::too_large) return false;
    PIGEOND_TRY(at, next);
  }
  return false;
}

Result<ImageSize> gif_size(Window& window) {
  PIGEOND_TRY(const ByteView head, window.at(0, 13));
  ImageSize size{le(head, 6, 2), le(head, 8, 2)};
  const std::uint64_t first = 13 + table(head[10]);
  PIGEOND_TRY(size.animated, moves(window, first));
  return checked(size);
}

// chunk: 0 type 4 | 4 length of the content 4 | 8 content | a byte more if the length is odd
// ANMF is a frame of an animation, and the first of them its first frame.
Result<std::uint64_t> end_of_first_frame(Window& window, std::uint64_t end) {
  std::uint64_t at = 12;
  for (std::size_t steps = 0; steps < limits::kImageChunks; ++steps) {
    if (end - at < 8) return fail(Cause::malformed, "an animation without a frame");
    PIGEOND_TRY(const ByteView head, window.at(at, 8));
    const std::uint64_t length = read_le(head.subspan(4));
    const std::uint64_t room = end - at - 8;
    if (length > room) return fail(Cause::malformed, "a chunk ends behind the file");
    const bool found = stands_at(head, 0, "ANMF");
    at += 8 + std::min(room, length + length % 2);
    if (found) return at;
  }
  return fail(Cause::too_large, "chunks before the first frame");
}

// 0 "RIFF" | 4 length of the rest 4 | 8 "WEBP" | 12 the first chunk, which is one of
//   "VP8 ": 20 frame tag 3 | 23 9D 01 2A | 26 width 2 | 28 height 2, of 14 bits each
//   "VP8L": 20 2F | 21 width - 1 of 14 bits, height - 1 of 14 bits, alpha 1, version 3, in 4 bytes
//   "VP8X": 20 flags 1, 0x02 animated | 21 zero 3 | 24 width - 1 3 | 27 height - 1 3
Result<ImageSize> webp_size(Window& window) {
  PIGEOND_TRY(const ByteView head, window.at(0, 30));
  const std::uint64_t end = 8 + read_le(head.subspan(4, 4));
  if (end > window.size() || end < 30) return fail(Cause::malformed, "the file ends too early");
  ImageSize size;
  if (stands_at(head, 12, "VP8 ")) {
    if (!stands_at(head, 23, "\x9D\x01\x2A")) return fail(Cause::malformed, "VP8");
    size = {le(head, 26, 2) & 0x3FFFu, le(head, 28, 2) & 0x3FFFu};
  } else if (stands_at(head, 12, "VP8L")) {
    const std::uint32_t bits = le(head, 21, 4);
    if (head[20] != 0x2F || bits >> 29 != 0) return fail(Cause::malformed, "VP8L");
    size = {(bits & 0x3FFFu) + 1, (bits >> 14 & 0x3FFFu) + 1};
  } else if (stands_at(head, 12, "VP8X")) {
    size = {le(head, 24, 3) + 1, le(head, 27, 3) + 1};
    size.animated = (head[20] & 2u) != 0;
  } else {
    return fail(Cause::malformed, "a WebP of an unknown kind");
  }
  if (size.animated) {
    PIGEOND_TRY(size.first_frame_bytes, end_of_first_frame(window, end));
  }
  return checked(size);
}

}  // namespace

Result<ImageSize> image_size(Source& source, Format format) {
  Window window(source);
  switch (format) {
    case Format::jpeg:
      return jpeg_size(window);
    case Format::png:
      return png_size(window);
    case Format::gif:
      return gif_size(window);
    case Format::webp:
      return webp_size(window);
    default:
      return fail(Cause::unsupported, "no image whose size is known");
  }
}

}  // namespace pigeond::media
