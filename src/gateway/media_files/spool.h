// Where a file waits that is too large for memory: on the disk, without a name, so that nothing is left of it
// after a crash. What is lost is fetched or made again: nothing of it is synced. A history waits here to be
// read, a media file to be uploaded, from its beginning as often as it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/posix.h"

namespace pigeond::gateway {

class Spool {
 public:
  virtual ~Spool() = default;
  virtual Status append(ByteView data) = 0;  // io: the disk is full or broken, and some of it may be there
  virtual Status clear() = 0;
  virtual std::uint64_t size() const = 0;                                  // bytes
  virtual Result<Bytes> read(std::uint64_t offset, std::size_t size) = 0;  // less at the end
};

class FileSpool final : public Spool {
 public:
  // So much of the file system's free space is left to others, the database first; bytes.
  static constexpr std::uint64_t kLeft = 64u << 20;

  static Result<std::unique_ptr<Spool>> make(const std::string& folder);  // "": the working directory; io
  Status append(ByteView data) override;
  Status clear() override;
  std::uint64_t size() const override { return size_; }
  Result<Bytes> read(std::uint64_t offset, std::size_t size) override;

 private:
  explicit FileSpool(net::UniqueFd fd) : fd_(std::move(fd)) {}
  Status look_at_space(std::uint64_t wanted);

  net::UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::uint64_t room_ = 0;  // bytes that may be written before the space is looked at again
};

// For worlds without a disk of that kind.
class MemorySpool final : public Spool {
 public:
  Status append(ByteView data) override;
  Status clear() override;
  std::uint64_t size() const override { return bytes_.size(); }
  Result<Bytes> read(std::uint64_t offset, std::size_t size) override;

 private:
  Bytes bytes_;
};

}  // namespace pigeond::gateway
