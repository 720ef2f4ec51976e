// One session's connection to WhatsApp: performs the engine's Connect, Write and Disconnect, and reports
// back from the loop.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "net/network.h"
#include "net/websocket/websocket_client.h"

namespace pigeond::gateway {

struct LinkOptions {
  std::string url;      // ws or wss
  std::string ca_file;  // PEM bundle for wss; empty: the system's
};

// Connections that were given up by us and still say goodbye, at most 3 s each.
class ClosingLinks {
 public:
  void add(std::unique_ptr<net::WebSocketClient> socket);
  bool empty() const { return sockets_.empty(); }

 private:
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::WebSocketClient>> sockets_;
};

class Link {
 public:
  struct Callbacks {
    std::function<void()> on_up;
    std::function<void(ByteView)> on_message;
    std::function<void(const Error&)> on_down;  // not after disconnect() or drop()
  };

  virtual ~Link() = default;  // drops it
  // Replaces a connection that is there. `proxy` none: directly.
  virtual void connect(net::ProxyRef proxy) = 0;
  virtual void write(std::span<const Bytes> messages) = 0;  // in order, each a WebSocket message
  virtual void disconnect() = 0;                            // says goodbye; nothing comes any more
  virtual void drop() = 0;                                  // at once, and without a word
  virtual bool exists() const = 0;
};

class WebSocketLink final : public Link {
 public:
  WebSocketLink(net::Network& network, ClosingLinks& closing, const LinkOptions& options,
                Callbacks callbacks);

  void connect(net::ProxyRef proxy) override;
  void write(std::span<const Bytes> messages) override;
  void disconnect() override;  // a close frame goes out; the rest is up to ClosingLinks
  void drop() override;
  bool exists() const override { return socket_ != nullptr; }

 private:
  void down(const Error& why);

  net::Network& network_;
  ClosingLinks& closing_;
  const LinkOptions& options_;
  Callbacks callbacks_;
  std::unique_ptr<net::WebSocketClient> socket_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::gateway
