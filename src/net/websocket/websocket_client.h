#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "net/network.h"
#include "net/tls/tls_stream.h"
#include "net/websocket/websocket_connection.h"

namespace pigeond::net {

struct WebSocketOptions {
  TlsOptions tls;
  std::vector<HttpHeader> headers;                      // e.g. Origin, User-Agent
  std::size_t max_message = limits::kWebSocketMessage;  // to begin with, see WebSocket::set_max_message()
  Millis timeout = 20 * kSecond;                        // lookup, connection, TLS and upgrade together
  ProxyRef proxy = nullptr;                             // none: directly
};

// auto link = WebSocketClient::connect(network, "wss://host/ws", options); link->set_callbacks({...});
class WebSocketClient final : public WebSocket {
 public:
  // Never null: a URL that cannot be used is reported through on_closed (bad_input), as every other failure.
  static std::unique_ptr<WebSocketClient> connect(Network& network, const std::string& url,
                                                  WebSocketOptions options);
  ~WebSocketClient() override;

 private:
  WebSocketClient(Network& network, std::size_t max_message);
  void start(Network& network, const Url& url, const WebSocketOptions& options);
  void receive_answer(ByteView data);

  std::string request_;  // until the upgrade is done, as the two below
  std::string key_;
  Bytes head_;
};

}  // namespace pigeond::net
