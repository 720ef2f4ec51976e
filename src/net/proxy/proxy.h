// A proxy that connections are made through: by HTTP's CONNECT (RFC 9110, section 9.3.6) or by SOCKS5
// (RFC 1928). It is told the name of the other side, and looks that up itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeond::net {

struct Proxy {
  enum class Kind { http, socks5 };
  Kind kind = Kind::http;
  std::string host;  // as in Url
  std::uint16_t port = 0;
  std::string username, password;  // no username: it wants none
  // Not empty: why it can't be used. What should go through it goes nowhere then.
  std::string trouble = {};
  bool operator==(const Proxy&) const = default;

  // "proxy.example:8080" or "socks5://[::1]:1080", for logs and people: never the password.
  std::string text() const;
};

// What a connection goes through; none: nothing, it is made directly.
using ProxyRef = std::shared_ptr<const Proxy>;
bool same_way(const ProxyRef& a, const ProxyRef& b);

// "host:port" and "http://host:port" of one that speaks HTTP, "socks5://host:port" (and "socks5h://", by
// which some say that the proxy looks up names). bad_input, saying what it has to be.
Result<Proxy> parse_proxy(std::string_view server);
// What fits into Basic credentials (RFC 7617), or into those of SOCKS5 (RFC 1929). bad_input.
Status check_proxy_username(const Proxy& proxy);
Status check_proxy_password(const Proxy& proxy);

// Cause::proxy, naming it.
Error proxy_error(const Proxy& proxy, const std::string& why, int code = 0);

}  // namespace pigeond::net
