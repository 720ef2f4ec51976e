// A zlib stream (RFC 1950) piece by piece: what it takes is zlib's window of 32 KiB and one piece of output,
// however long the stream is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::wire {

class InflateStream {
 public:
  // An error ends the reading, and is what feed() returns.
  using Sink = std::function<Status(ByteView)>;  // at most kPiece bytes at a time
  static constexpr std::size_t kPiece = 16 * 1024;

  explicit InflateStream(std::uint64_t limit);  // bytes that may come out
  ~InflateStream();

  // malformed: it is no zlib stream, or there are bytes behind it. too_large: more comes out than may.
  Status feed(ByteView compressed, const Sink& sink);
  bool ended() const;  // the whole stream was there, and its checksum is right

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pigeond::wire
