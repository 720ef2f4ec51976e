// Where a file waits that is too large for memory: on the disk, without a name, so that nothing is left of it
// after a crash. It is read once, and what is lost is fetched again: nothing of it is synced.
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
  virtual Status append(ByteView data) = 0;
  virtual Status clear() = 0;
  virtual Result<Bytes> read(std::uint64_t offset, std::size_t size) = 0;  // less at the end
};

class FileSpool final : public Spool {
 public:
  // So much of the file system's free space is left to others, the database first; bytes.
  static constexpr std::uint64_t kLeft = 64u << 20;

  static Result<std::unique_ptr<Spool>> make(const std::string& folder);  // "": the working directory; io
  Status append(ByteView data) override;
  Status clear() override;
  Result<Bytes> read(std::uint64_t offset, std::size_t size) override;

 private:
  explicit FileSpool(net::UniqueFd fd) : fd_(std::move(fd)) {}
  Status look_at_space(std::uint64_t wanted);

  net::UniqueFd fd_;
  std::uint64_t room_ = 0;  // bytes that may be written before the space is looked at again
};

// For worlds without a disk of that kind.
class MemorySpool final : public Spool {
 public:
  Status append(ByteView data) override;
  Status clear() override;
  Result<Bytes> read(std::uint64_t offset, std::size_t size) override;

 private:
  Bytes bytes_;
};

}  // namespace pigeond::gateway
