#include "gateway/link.h"

#include <utility>

#include "base/limits.h"

namespace pigeond::gateway {

void ClosingLinks::add(std::unique_ptr<net::WebSocketClient> socket) {
  const auto id = next_++;
  net::WebSocket::Callbacks callbacks;
  callbacks.on_closed = [this, id](const Error&) { sockets_.erase(id); };
  socket->set_callbacks(std::move(callbacks));
  if (!socket->is_open()) return;  // nobody to say goodbye to
  socket->close();
  sockets_.emplace(id, std::move(socket));
}

WebSocketLink::WebSocketLink(net::Network& network, ClosingLinks& closing, const LinkOptions& options,
                             Callbacks callbacks)
    : network_(network), closing_(closing), options_(options), callbacks_(std::move(callbacks)) {}

void WebSocketLink::connect(net::ProxyRef proxy) {
  net::WebSocketOptions options;
  options.headers.push_back({"Origin", "https://web.whatsapp.com"});
  options.max_message = limits::kWebSocketHello;
  options.proxy = std::move(proxy);
  if (!options_.ca_file.empty()) options.tls.ca_file = options_.ca_file;
  socket_ = net::WebSocketClient::connect(network_, options_.url, std::move(options));
  net::WebSocket::Callbacks callbacks;
  callbacks.on_open = [this] { callbacks_.on_up(); };
  callbacks.on_binary = [this](ByteView message) {
    // After the first, in which the service says who it is.
    if (socket_) socket_->set_max_message(limits::kWebSocketMessage);
    callbacks_.on_message(message);
  };
  callbacks.on_closed = [this](const Error& why) { down(why); };
  socket_->set_callbacks(std::move(callbacks));
}

void WebSocketLink::write(std::span<const Bytes> messages) {
  if (!socket_) return;
  const auto status = socket_->send_binaries(messages);
  // A connection that is gone says so by itself. One that takes nothing more is as good as gone.
  if (!status && status.cause() == Cause::too_large) {
    network_.loop().post(
        [this, life = std::weak_ptr<char>(life_), socket = socket_.get(), why = status.error()] {
          if (!life.expired() && socket_.get() == socket) down(why);
        });
  }
}

void WebSocketLink::disconnect() {
  if (socket_) closing_.add(std::move(socket_));
}

void WebSocketLink::drop() {
  socket_.reset();
}

void WebSocketLink::down(const Error& why) {
  const auto gone = std::exchange(socket_, nullptr);
  callbacks_.on_down(why);
}

}  // namespace pigeond::gateway
