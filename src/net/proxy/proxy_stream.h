// A stream to somebody behind a proxy: TCP to the proxy, what it has to be told, and then whatever is
// written.
#pragma once

#include <memory>
#include <string>

#include "net/network.h"
#include "net/networks.h"
#include "net/proxy/dialog.h"
#include "net/stream.h"

namespace pigeond::net {

class ProxyStream final : public Stream {
 public:
  // `timeout` (ms) is for the proxy; `check` is of its addresses, as for TcpStream::connect. What fails
  // before the connection is there is Cause::proxy. Nothing goes past the proxy: one that has `trouble` is a
  // failure.
  static std::unique_ptr<ProxyStream> connect(Network& network, ProxyRef proxy, const std::string& host,
                                              std::uint16_t port, Millis timeout,
                                              AddressCheck check = nullptr);

  ~ProxyStream() override;
  Status write(ByteView data) override;
  std::size_t buffered() const override { return pending_.size() + (inner_ ? inner_->buffered() : 0); }
  void set_reading(bool reading) override;
  void close() override;
  std::string peer() const override { return peer_; }

 private:
  enum class State { dialog, open, closed };

  ProxyStream(Network& network, ProxyRef proxy, const std::string& host, std::uint16_t port);
  void start(Millis timeout, AddressCheck check);
  void answered(ByteView data);
  void opened(ByteView rest);
  void deliver_rest();
  void fail_later(Error error);
  void finish(Error error);

  Network& network_;
  const ProxyRef proxy_;
  const std::string peer_;
  std::unique_ptr<ProxyDialog> dialog_;
  std::unique_ptr<Stream> inner_;
  Loop::TimerId timer_ = 0;
  State state_ = State::dialog;
  bool reading_ = true;
  bool closing_ = false;
  Bytes pending_;  // written before the connection was there
  Bytes rest_;     // came with the proxy's answer, and is not delivered yet
};

}  // namespace pigeond::net
