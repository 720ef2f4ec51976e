// The bytes of a file: a short one's on the heap, a long one's in a file of the system's that has no name any
// more, so that it goes with the last who holds it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/posix.h"

namespace pigeond::sandbox {

class MediaBlob {
 public:
  Status append(ByteView data);  // io
  std::uint64_t size() const { return size_; }
  // Those of `size` bytes from `at` on that are there, and at least one unless there is none; io.
  Result<Bytes> read(std::uint64_t at, std::size_t size) const;
  // All of it in pieces, as long as `take` succeeds.
  Status each(const std::function<Status(ByteView)>& take) const;
  Result<Bytes> all() const;

 private:
  Bytes heap_;  // all of it while there is no file
  net::UniqueFd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace pigeond::sandbox
