#pragma once

#include <string>
#include <string_view>

namespace pigeond::net {

struct HttpPeer {
  std::string address;  // IP without port: "192.0.2.1", "2001:db8::1"; an IPv4 address mapped to IPv6 as IPv4
  std::string network;  // what counts as one peer: the IPv4 address, or the /64 of an IPv6 one
};

// From Stream::peer(), e.g. "192.0.2.1:4711" or "[2001:db8::1]:4711".
HttpPeer http_peer(std::string_view stream_peer);

}  // namespace pigeond::net
