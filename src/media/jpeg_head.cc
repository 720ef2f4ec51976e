#include "media/jpeg_head.h"

#include "base/limits.h"

namespace pigeond::media {
namespace {

constexpr std::uint8_t kApp1 = 0xE1, kStartOfScan = 0xDA, kEndOfImage = 0xD9;

// Frames of all kinds of coding; of the same row C4, C8 and CC are something else.
bool starts_frame(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(std::uint8_t marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

// Exif: 0 "Exif" 0 0 | 6 TIFF: 0 "II" or "MM" | 2 the number 42, 2 | 4 offset of the directory in TIFF 4
// directory: 0 entries 2 | each: 0 tag 2 | 2 type 2 | 4 count 4 | 8 value 4
// Tag 0x0112, one number of 16 bits (type 3): the orientation. Whatever is wrong with it, the picture is not:
// then it is shown as it is stored.
Result<unsigned> orientation_in(Window& window, std::uint64_t start, std::uint64_t end) {
  if (end - start < 14) return 1u;
  PIGEOND_TRY(const ByteView head, window.at(start, 14));
  if (!stands_at(head, 0, std::string_view("Exif\0\0", 6))) return 1u;
  const bool little = stands_at(head, 6, "II");
  if (!little && !stands_at(head, 6, "MM")) return 1u;
  const auto number = [little](ByteView bytes) { return little ? read_le(bytes) : read_be(bytes); };
  const std::uint64_t directory = start + 6 + number(head.subspan(10, 4));
  if (directory > end || end - directory < 2) return 1u;
  PIGEOND_TRY(const ByteView count, window.at(directory, 2));
  const std::uint64_t entries = number(count);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = directory + 2 + 12 * i;
    if (at > end || end - at < 12) break;
    PIGEOND_TRY(const ByteView entry, window.at(at, 12));
    if (number(entry.first(2)) != 0x0112 || number(entry.subspan(2, 2)) != 3) continue;
    const auto value = static_cast<unsigned>(number(entry.subspan(8, 2)));
    return value >= 1 && value <= 8 ? value : 1u;
  }
  return 1u;
}

}  // namespace

// marker: 0 0xFF, any number of them | 1 what it is 1 | 2 length with these two bytes, without the marker 2 |
// content frame: 0 bits of a sample 1 | 1 height 2 | 3 width 2 | 5 components 1 | three bytes of each
Result<JpegHead> read_jpeg_head(Window& window) {
  PIGEOND_TRY(const ByteView start, window.at(0, 2));
  if (start[0] != 0xFF || start[1] != 0xD8) return fail(Cause::malformed, "no JPEG");
  JpegHead head;
  std::uint64_t at = 2;
  for (std::size_t steps = 0; steps < limits::kImageChunks; ++steps) {
    PIGEOND_TRY(const ByteView marker, window.at(at, 2));
    if (marker[0] != 0xFF) return fail(Cause::malformed, "no marker where a JPEG should have one");
    const std::uint8_t kind = marker[1];
    if (kind == 0xFF) {
      ++at;
      continue;
    }
    if (stands_alone(kind)) {
      at += 2;
      continue;
    }
    if (kind == 0 || kind == kStartOfScan || kind == kEndOfImage)
      return fail(Cause::malformed, "a picture without a size");
    PIGEOND_TRY(const ByteView length_bytes, window.at(at + 2, 2));
    const std::uint64_t length = read_be(length_bytes);
    if (length < 2) return fail(Cause::malformed, "a segment shorter than its length");
    const std::uint64_t content = at + 4, end = at + 2 + length;
    if (end > window.size()) return fail(Cause::malformed, "the file ends too early");
    if (kind == kApp1 && head.orientation == 1) {
      PIGEOND_TRY(head.orientation, orientation_in(window, content, end));
    }
    if (starts_frame(kind)) {
      if (length < 8) return fail(Cause::malformed, "a frame without a size");
      PIGEOND_TRY(const ByteView frame, window.at(content, 5));
      head.height = static_cast<std::uint32_t>(read_be(frame.subspan(1, 2)));
      head.width = static_cast<std::uint32_t>(read_be(frame.subspan(3, 2)));
      if (head.width == 0 || head.height == 0) return fail(Cause::malformed, "a picture without a size");
      return head;
    }
    at = end;
  }
  return fail(Cause::too_large, "segments before the picture");
}

}  // namespace pigeond::media
