#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/limits.h"
#include "net/listener.h"
#include "net/network.h"
#include "net/websocket/websocket_connection.h"

namespace pigeond::net {

// Upgrades streams to WebSockets; with open(), those of a listener of its own.
// A server's WebSocket on a stream whose upgrade was answered with 101. Set its callbacks, then hand in
// what came after the request with WebSocket::take().
std::unique_ptr<WebSocket> open_websocket(Network& network, std::unique_ptr<Stream> stream,
                                          std::size_t max_message);

class WebSocketServer {
 public:
  // Open; set its callbacks before returning to the loop. What the client sent meanwhile is not lost.
  using Connected = std::function<void(std::unique_ptr<WebSocket>, const HttpRequestHead&)>;
  // Decides on a valid upgrade request: 0 accepts, an HTTP status (e.g. 404) refuses. Optional.
  using Check = std::function<int(const HttpRequestHead&)>;

  WebSocketServer(Network& network, Connected connected, Check check = {});
  ~WebSocketServer();

  // May be called for several addresses. See Listener::open() for host, port, TLS and errors. Returns the
  // bound port.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port,
                               std::shared_ptr<const TlsIdentity> identity = nullptr);
  // Of the connections to come; limits::kWebSocketMessage if it is not set. See WebSocket::set_max_message().
  void set_max_message(std::size_t bytes) { max_message_ = bytes; }
  // Hands in a stream from elsewhere, on which the request has not been read yet. 20 s for handshake and
  // request.
  void take(std::unique_ptr<Stream> stream);

 private:
  struct Pending;
  void receive(std::uint64_t id, ByteView data);
  void upgrade(std::uint64_t id, const HttpRequestHead& request, const Bytes& rest);
  void refuse(std::uint64_t id, int status);
  void forget(std::uint64_t id);

  Network& network_;
  std::shared_ptr<Connected> connected_;
  Check check_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t max_message_ = limits::kWebSocketMessage;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Pending>> pending_;
};

}  // namespace pigeond::net
