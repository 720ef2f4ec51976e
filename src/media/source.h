// Where a file's bytes come from: any of them can be asked for, none is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::media {

using MutableView = std::span<std::uint8_t>;

class Source {
 public:
  virtual ~Source() = default;
  virtual std::uint64_t size() const = 0;  // bytes
  // Reads from `offset` on until `out` is full or the file ends, and says how many bytes that were: 0 at and
  // behind the end. io: the file can't be read.
  virtual Result<std::size_t> read(std::uint64_t offset, MutableView out) = 0;
};

// Bytes that somebody else owns, and that must outlive the source.
class MemorySource : public Source {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(std::uint64_t offset, MutableView out) override;

 private:
  ByteView bytes_;
};

// A file that somebody else has opened and will close. Its position is neither used nor changed (pread).
class FdSource : public Source {
 public:
  // bad_input: not a regular file. The size is the one of now: what is appended later is not seen, and what
  // is cut off reads as an end.
  static Result<FdSource> of(int fd);
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, MutableView out) override;

 private:
  FdSource(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  int fd_;
  std::uint64_t size_;
};

}  // namespace pigeond::media
