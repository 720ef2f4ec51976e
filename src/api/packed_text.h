// A long text that is made once, when it is first asked for, and kept deflated (RFC 1950): an OpenAPI
// document takes some hundredths of what it is, and a small gateway's heap is not for what a client reads
// once. From any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/bytes.h"

namespace pigeond::api {

class PackedText {
 public:
  explicit PackedText(std::function<std::string()> make) : make_(std::move(make)) {}

  std::string text();

 private:
  std::mutex mutex_;
  std::function<std::string()> make_;  // null: it is made
  Bytes packed_;
  std::size_t size_ = 0;
};

}  // namespace pigeond::api
