// Frames: a 3-byte big-endian length and a body, cut from a byte stream that is not aligned to WebSocket
// messages.
//
//   client's first bytes   [ 45 44 00 01 | len:3 | routing_info ]   57 41 06 03   then frames
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::wire {

inline constexpr std::array<std::uint8_t, 4> kHeader = {'W', 'A', 6, 3};  // protocol 6, dictionary 3

// What goes before the first frame. `routing_info` (may be empty) is left out when empty or 2^24 bytes or
// longer.
Bytes stream_intro(ByteView routing_info);

// length || body. too_large from 2^24 bytes on.
Result<Bytes> frame(ByteView body);

// Cuts frames from what feed() was given. A frame longer than the limit is an error that sticks.
class FrameReader {
 public:
  explicit FrameReader(std::size_t limit) : limit_(limit) {}
  void set_limit(std::size_t limit) { limit_ = limit; }
  void feed(ByteView bytes);
  Result<std::optional<Bytes>> next();  // nullopt: more bytes are needed
  std::size_t buffered() const { return buffer_.size() - start_; }

 private:
  std::size_t limit_;
  Bytes buffer_;
  std::size_t start_ = 0;
};

// The server's side of stream_intro: consumes header and optional routing prefix.
// nullopt: more bytes are needed. malformed: not a WhatsApp client.
struct Intro {
  std::size_t size = 0;  // bytes to drop from the stream
  Bytes routing_info;
  std::uint8_t dictionary = 3;  // 2 or 3: see wire::Dictionary
};
Result<std::optional<Intro>> parse_stream_intro(ByteView bytes);

}  // namespace pigeond::wire
