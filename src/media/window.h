// How the parsers of this layer see a file: a few bytes here and there, through one buffer that moves.
#pragma once

#include <array>

#include "media/source.h"

namespace pigeond::media {

class Window {
 public:
  static constexpr std::size_t kSize = 4096;  // bytes

  explicit Window(Source& source) : source_(source) {}
  std::uint64_t size() const { return source_.size(); }

  // Exactly `count` bytes (at most kSize) from `offset` on, valid until the next call. malformed: the file
  // ends before; io.
  Result<ByteView> at(std::uint64_t offset, std::size_t count);
  // The same, but fewer bytes where the file ends before.
  Result<ByteView> up_to(std::uint64_t offset, std::size_t count);

 private:
  Source& source_;
  std::uint64_t start_ = 0;  // of what is in the buffer
  std::size_t filled_ = 0;
  std::array<std::uint8_t, kSize> buffer_;
};

// Reads all of `bytes` (at most 8) as one number, least significant first.
constexpr std::uint64_t read_le(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

// Whether this text stands at that place.
inline bool stands_at(ByteView bytes, std::size_t offset, std::string_view text) {
  return bytes.size() >= offset && as_text(bytes.subspan(offset)).starts_with(text);
}

}  // namespace pigeond::media
