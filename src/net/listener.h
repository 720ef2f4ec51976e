#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/network.h"
#include "net/stream.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

// Accepts connections, TCP or on a unix socket. Without descriptors or memory for one it waits, logs that at
// most every 10 s, and tries again.
class Listener {
 public:
  using Accept = std::function<void(std::unique_ptr<Stream>)>;

  // `host` is an IP literal ("0.0.0.0", "::", "127.0.0.1") or "localhost"; port 0 takes a free one. With an
  // identity the streams are TLS and hand-shaking still: wait for on_open. Without, they are open. io or
  // bad_input, naming the address.
  static Result<std::unique_ptr<Listener>> open(Network& network, const std::string& host, std::uint16_t port,
                                                TlsIdentities identities, Accept accept);
  // A socket file with these permissions. One that nobody listens on any more is replaced; io where somebody
  // does, or where the file is something else; bad_input for a path too long.
  static Result<std::unique_ptr<Listener>> open_unix(Network& network, const std::string& path, unsigned mode,
                                                     Accept accept);
  ~Listener();  // accepted streams live on; a socket file goes, if it is still this one's

  std::uint16_t port() const { return port_; }
  // Called when a connection could not be accepted for want of descriptors or memory: to give some back.
  void on_exhausted(std::function<void()> callback) { exhausted_ = std::move(callback); }

 private:
  Listener(Network& network, UniqueFd fd, std::string address, TlsIdentities identities, Accept accept);
  void ready();
  void back_off(int number);

  Network& network_;
  UniqueFd fd_;
  std::string address_;  // for logs
  std::uint16_t port_ = 0;
  std::string path_;         // of a unix socket
  std::uint64_t inode_ = 0;  // of its file
  TlsIdentities identities_;
  std::shared_ptr<Accept> accept_;
  std::function<void()> exhausted_;
  Loop::TimerId retry_ = 0;
  Millis next_log_ = 0;  // mono
};

}  // namespace pigeond::net
