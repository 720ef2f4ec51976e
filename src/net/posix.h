// File descriptors with an owner, and the few socket options used here.
#pragma once

#include <utility>

#include "base/result.h"

namespace pigeond::net {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// Cause::io with `number` (an errno) as its code: "connect 10.0.0.1:443: Connection refused".
Error errno_error(const std::string& what, int number);

Status set_nonblocking(int fd);
void set_nodelay(int fd);  // TCP only; a failure costs latency alone and is ignored

}  // namespace pigeond::net
