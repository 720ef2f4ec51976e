#pragma once

#include <cstdint>
#include <string_view>

namespace pigeond::net {

struct HttpRange {
  enum class Kind { whole, part, unsatisfiable } kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

// What a `Range` header asks of something of `size` bytes (RFC 9110 section 14). What is not one valid range
// of bytes is ignored: the whole is sent.
HttpRange http_range(std::string_view header, std::uint64_t size);

}  // namespace pigeond::net
