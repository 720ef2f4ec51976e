#include "net/websocket/websocket_server.h"

#include "base/log.h"

namespace pigeond::net {
namespace {

constexpr Millis kUpgradeTimeout = 20 * kSecond;

std::string refusal(int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Refused\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

std::unique_ptr<WebSocket> open_websocket(Network& network, std::unique_ptr<Stream> stream,
                                          std::size_t max_message) {
  std::unique_ptr<WebSocket> socket(
      new WebSocket(network.loop(), network.random(), WebSocketCodec::Role::server, max_message));
  socket->start_messages(std::move(stream));
  return socket;
}

struct WebSocketServer::Pending {
  std::unique_ptr<Stream> stream;
  Bytes head;
  Loop::TimerId timer = 0;
  bool refused = false;
};

WebSocketServer::WebSocketServer(Network& network, Connected connected, Check check)
    : network_(network),
      connected_(std::make_shared<Connected>(std::move(connected))),
      check_(std::move(check)) {}

WebSocketServer::~WebSocketServer() {
  for (auto& [id, pending] : pending_) network_.loop().cancel(pending->timer);
}

Result<std::uint16_t> WebSocketServer::listen(const std::string& host, std::uint16_t port,
                                              std::shared_ptr<const TlsIdentity> identity) {
  PIGEOND_TRY(auto listener,
              Listener::open(network_, host, port, std::move(identity),
                             [this](std::unique_ptr<Stream> stream) { take(std::move(stream)); }));
  const std::uint16_t bound = listener->port();
  listeners_.push_back(std::move(listener));
  return bound;
}

void WebSocketServer::take(std::unique_ptr<Stream> stream) {
  const std::uint64_t id = next_id_++;
  Stream::Callbacks callbacks;
  callbacks.on_data = [this, id](ByteView data) { receive(id, data); };
  callbacks.on_closed = [this, id](const Error& error) {
    if (error.cause == Cause::tls) log::info("websocket_refused", {{"error", error.detail}});
    forget(id);
  };
  stream->set_callbacks(std::move(callbacks));
  auto pending = std::make_unique<Pending>();
  pending->stream = std::move(stream);
  pending->timer = network_.loop().after(kUpgradeTimeout, [this, id] { forget(id); });
  pending_.emplace(id, std::move(pending));
}

void WebSocketServer::forget(std::uint64_t id) {
  auto found = pending_.find(id);
  if (found == pending_.end()) return;
  network_.loop().cancel(found->second->timer);
  pending_.erase(found);
}

void WebSocketServer::receive(std::uint64_t id, ByteView data) {
  Pending& pending = *pending_.at(id);
  if (pending.refused) return;
  pending.head.insert(pending.head.end(), data.begin(), data.end());
  auto size = http_head_size(pending.head);
  if (!size) return refuse(id, 431);
  if (!*size) return;
  auto request = parse_request_head(as_text(ByteView(pending.head).first(**size)));
  if (!request) return refuse(id, 400);
  upgrade(id, *request,
          Bytes(pending.head.begin() + static_cast<std::ptrdiff_t>(**size), pending.head.end()));
}

void WebSocketServer::refuse(std::uint64_t id, int status) {
  Pending& pending = *pending_.at(id);
  pending.refused = true;
  pending.head = Bytes();
  (void)pending.stream->write(as_bytes(refusal(status)));
  pending.stream->close();
}

void WebSocketServer::upgrade(std::uint64_t id, const HttpRequestHead& request, const Bytes& rest) {
  auto response = websocket_response(request);
  if (!response) return refuse(id, response.error().code);
  if (const int status = check_ ? check_(request) : 0; status != 0) return refuse(id, status);
  std::unique_ptr<Stream> stream = std::move(pending_.at(id)->stream);
  forget(id);
  (void)stream->write(as_bytes(*response));
  auto socket = open_websocket(network_, std::move(stream), max_message_);
  WebSocket* raw = socket.get();
  std::weak_ptr<char> alive = socket->life_;
  auto connected = connected_;  // it may destroy this server
  (*connected)(std::move(socket), request);
  if (!alive.expired() && !rest.empty()) raw->receive(rest);
}

}  // namespace pigeond::net
