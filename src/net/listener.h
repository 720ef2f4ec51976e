#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/network.h"
#include "net/stream.h"
#include "net/tls_stream.h"

namespace pigeond::net {

class Listener {
 public:
  using Accept = std::function<void(std::unique_ptr<Stream>)>;

  // `host` is an IP literal ("0.0.0.0", "::", "127.0.0.1") or "localhost"; port 0 takes a free one. With an
  // identity the streams are TLS and hand-shaking still: wait for on_open. Without, they are open. io or
  // bad_input, naming the address.
  static Result<std::unique_ptr<Listener>> open(Network& network, const std::string& host, std::uint16_t port,
                                                std::shared_ptr<const TlsIdentity> identity, Accept accept);
  ~Listener();  // accepted streams live on

  std::uint16_t port() const { return port_; }

 private:
  Listener(Network& network, UniqueFd fd, std::uint16_t port, std::shared_ptr<const TlsIdentity> identity,
           Accept accept);
  void ready();

  Network& network_;
  UniqueFd fd_;
  std::uint16_t port_;
  std::shared_ptr<const TlsIdentity> identity_;
  std::shared_ptr<Accept> accept_;
  Loop::TimerId retry_ = 0;
};

}  // namespace pigeond::net
