#include "net/websocket/websocket_client.h"

namespace pigeond::net {

WebSocketClient::WebSocketClient(Network& network, std::size_t max_message)
    : WebSocket(network.loop(), network.random(), WebSocketCodec::Role::client, max_message) {}

WebSocketClient::~WebSocketClient() = default;

std::unique_ptr<WebSocketClient> WebSocketClient::connect(Network& network, const std::string& url,
                                                          WebSocketOptions options) {
  std::unique_ptr<WebSocketClient> client(new WebSocketClient(network, options.max_message));
  auto parsed = parse_url(url);
  if (!parsed) {
    client->finish_later(parsed.error());
  } else if (parsed->scheme != "ws" && parsed->scheme != "wss") {
    client->finish_later(fail(Cause::bad_input, "not a ws or wss URL"));
  } else if (auto request = websocket_request(*parsed, options.headers, network.random()); !request) {
    client->finish_later(request.error());
  } else {
    client->request_ = std::move(request->text);
    client->key_ = std::move(request->key);
    client->start(network, *parsed, options);
  }
  return client;
}

void WebSocketClient::start(Network& network, const Url& url, const WebSocketOptions& options) {
  stream_ = connect_stream(network, url.host, url.port, url.secure(), options.tls, options.timeout, nullptr,
                           options.proxy);
  Stream::Callbacks callbacks;
  callbacks.on_open = [this] { (void)stream_->write(as_bytes(std::exchange(request_, {}))); };
  callbacks.on_data = [this](ByteView data) { receive_answer(data); };
  callbacks.on_closed = [this](Error error) { finish(std::move(error)); };
  stream_->set_callbacks(std::move(callbacks));
  timer_ = loop_.after(options.timeout, [this, host = url.host] {
    timer_ = 0;
    finish(fail(Cause::timed_out, "WebSocket upgrade by " + host + " took too long"));
  });
}

void WebSocketClient::receive_answer(ByteView data) {
  head_.insert(head_.end(), data.begin(), data.end());
  auto size = http_head_size(head_);
  if (!size) return finish(size.error());
  if (!*size) return;
  auto head = parse_response_head(as_text(ByteView(head_).first(**size)));
  if (!head) return finish(head.error());
  if (auto status = check_websocket_response(*head, key_); !status) return finish(status.error());
  loop_.cancel(std::exchange(timer_, 0));
  const Bytes rest(head_.begin() + static_cast<std::ptrdiff_t>(**size), head_.end());
  head_ = Bytes();
  key_ = std::string();
  start_messages(nullptr);
  if (deliver_open() && !rest.empty()) receive(rest);
}

}  // namespace pigeond::net
