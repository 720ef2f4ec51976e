// URLs and socket addresses.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeond::net {

struct Url {
  std::string scheme;  // "ws", "wss", "http" or "https"
  std::string host;    // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as they go into a request line; at least "/"

  bool secure() const { return scheme == "wss" || scheme == "https"; }
  std::string authority()
      const;  // for a Host header: brackets as needed, the port unless it is the scheme's own
};

// User names, passwords and control characters are refused; a fragment is dropped. Error: bad_input with the
// reason.
Result<Url> parse_url(std::string_view text);

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  std::uint16_t port() const;
  std::string text() const;  // "127.0.0.1:80", "[::1]:80"
};

// An IPv4 or IPv6 literal (no brackets), nothing else.
std::optional<Address> parse_ip(std::string_view host, std::uint16_t port);

}  // namespace pigeond::net
