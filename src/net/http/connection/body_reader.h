// Cuts a request's body out of the bytes of its connection.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::net {

class HttpBodyReader {
 public:
  // `length`: Content-Length; without one the body comes in chunks (RFC 9112 section 7.1). At most `limit`
  // bytes are read of it.
  HttpBodyReader(std::optional<std::uint64_t> length, std::uint64_t limit);

  // Takes bytes from the front of `in` and returns the next piece of the body among them; empty: all of `in`
  // that belongs to it is taken. too_large or malformed, with the status to answer as code: 413, 400.
  Result<ByteView> next(ByteView& in);
  bool complete() const { return state_ == State::complete; }
  std::uint64_t received() const { return received_; }  // bytes of the body

 private:
  enum class State { size, extension, size_end, data, data_end_cr, data_end, trailer, trailer_end, complete };
  Status step(char c);
  Status end_of_size();
  ByteView take(ByteView& in);

  const bool chunked_;
  const std::uint64_t limit_;
  State state_;
  std::uint64_t left_ = 0;  // of the chunk or the body
  std::uint64_t received_ = 0;
  unsigned digits_ = 0;       // of the current chunk's size
  std::size_t overhead_ = 0;  // bytes of extensions and trailers, all together
  bool empty_line_ = true;    // the trailer's line so far
};

}  // namespace pigeond::net
