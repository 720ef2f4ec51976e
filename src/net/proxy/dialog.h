// What is said to a proxy, and what it answers, until a connection through it is there. Without I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/proxy/proxy.h"

namespace pigeond::net {

class ProxyDialog {
 public:
  virtual ~ProxyDialog() = default;
  // What is said first.
  virtual Bytes hello() = 0;
  // Takes bytes of the proxy's answers from the front of `in`, all of them or up to their end; `say` is what
  // goes out then. True: the connection is there, and what is left of `in` is of the other side. An answer
  // is at most limits::kHttpHead bytes. Cause::proxy, with HTTP's status or SOCKS' number as code where the
  // proxy gave one.
  virtual Result<bool> receive(ByteView& in, Bytes& say) = 0;
};

// `proxy` is kept by reference; `host` as in Url.
std::unique_ptr<ProxyDialog> http_connect(const Proxy& proxy, const std::string& host, std::uint16_t port);
std::unique_ptr<ProxyDialog> socks5_connect(const Proxy& proxy, const std::string& host, std::uint16_t port);
std::unique_ptr<ProxyDialog> proxy_dialog(const Proxy& proxy, const std::string& host, std::uint16_t port);

}  // namespace pigeond::net
