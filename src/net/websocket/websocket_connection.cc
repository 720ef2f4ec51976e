#include "net/websocket/websocket_connection.h"

#include <algorithm>

namespace pigeond::net {
namespace {

constexpr Millis kCloseWait = 3 * kSecond;
constexpr std::size_t kMaxPongBacklog = 64 * 1024;  // bytes; who does not read needs no more pongs
// Pings beyond 20 at once and one a second are not answered: no honest side sends so many (RFC 6455 asks for
// a pong to the newest alone).
constexpr Millis kPongPause = kSecond;
constexpr Millis kPongsAtOnce = 20;

}  // namespace

WebSocket::~WebSocket() {
  loop_.cancel(timer_);
}

void WebSocket::start_messages(std::unique_ptr<Stream> open_stream) {
  if (open_stream) stream_ = std::move(open_stream);
  state_ = State::open;
  Stream::Callbacks callbacks;
  callbacks.on_data = [this](ByteView data) { receive(data); };
  callbacks.on_drained = [this] {
    auto keep = callbacks_;
    if (state_ == State::open && keep && keep->on_drained) keep->on_drained();
  };
  callbacks.on_closed = [this](Error error) { finish(ending_ ? std::move(*ending_) : std::move(error)); };
  stream_->set_callbacks(std::move(callbacks));
}

bool WebSocket::receive(ByteView data) {
  while (state_ == State::open || state_ == State::closing) {
    auto event = codec_.receive(data);
    if (!event) {
      fail_protocol(event.error());
      return true;
    }
    if (!*event) return true;
    if (!handle(**event)) return false;
  }
  return true;
}

// False when a callback destroyed this connection.
bool WebSocket::handle(const WebSocketCodec::Event& event) {
  using Kind = WebSocketCodec::Event::Kind;
  std::weak_ptr<char> alive = life_;
  auto keep = callbacks_;
  awaits_pong_ = false;
  switch (event.kind) {
    case Kind::binary:
      if (state_ == State::open && keep && keep->on_binary) keep->on_binary(event.payload);
      return !alive.expired();
    case Kind::text:
      if (state_ == State::open && keep && keep->on_text) keep->on_text(event.payload);
      return !alive.expired();
    case Kind::ping:
      if (state_ == State::open && buffered() < kMaxPongBacklog) answer_ping(event.payload);
      return true;
    case Kind::pong:
      return true;
    case Kind::close:
      if (state_ == State::open) {
        ending_ = fail(Cause::link_lost, "WebSocket closed with " + std::to_string(event.code), event.code);
        (void)send(codec_.encode_close(event.code, {}));
      }
      end_stream();
      return true;
  }
  return true;
}

void WebSocket::answer_ping(ByteView payload) {
  const Millis now = loop_.now().mono;
  pongs_paid_ = std::max(pongs_paid_, now - kPongsAtOnce * kPongPause);
  if (pongs_paid_ + kPongPause > now) return;
  pongs_paid_ += kPongPause;
  (void)send(codec_.encode_pong(payload));
}

void WebSocket::fail_protocol(const Error& error) {
  if (state_ == State::open) (void)send(codec_.encode_close(error.code, {}));
  if (!ending_) ending_ = error;
  end_stream();
}

void WebSocket::end_stream() {
  state_ = State::closing;
  loop_.cancel(std::exchange(timer_, 0));
  stream_->set_reading(true);
  stream_->close();
}

void WebSocket::close(int code, std::string_view reason) {
  if (state_ == State::closing || state_ == State::closed) return;
  const bool was_open = state_ == State::open;
  state_ = State::closing;
  ending_ = fail(Cause::cancelled, "closed");
  loop_.cancel(std::exchange(timer_, 0));
  if (!was_open || !stream_) {
    stream_.reset();
    return finish_later(std::move(*ending_));
  }
  stream_->set_reading(true);
  (void)send(codec_.encode_close(code, reason));
  timer_ = loop_.after(kCloseWait, [this] {
    timer_ = 0;
    end_stream();
  });
}

Status WebSocket::send(const Bytes& frame) {
  return stream_->write(frame);
}

Status WebSocket::send_binary(ByteView message) {
  if (state_ != State::open) return fail(Cause::link_lost, "WebSocket is not open");
  return send(codec_.encode_binary(message));
}

Status WebSocket::send_binaries(std::span<const Bytes> messages) {
  if (state_ != State::open) return fail(Cause::link_lost, "WebSocket is not open");
  Bytes frames;
  for (const Bytes& message : messages) {
    const Bytes frame = codec_.encode_binary(message);
    frames.insert(frames.end(), frame.begin(), frame.end());
  }
  return send(frames);
}

Status WebSocket::send_text(std::string_view message) {
  if (state_ != State::open) return fail(Cause::link_lost, "WebSocket is not open");
  return send(codec_.encode_text(message));
}

Status WebSocket::ping(ByteView payload) {
  if (state_ != State::open) return fail(Cause::link_lost, "WebSocket is not open");
  awaits_pong_ = true;
  return send(codec_.encode_ping(payload));
}

void WebSocket::set_reading(bool reading) {
  if (state_ == State::open) stream_->set_reading(reading);
}

bool WebSocket::deliver_open() {
  std::weak_ptr<char> alive = life_;
  auto keep = callbacks_;
  if (keep && keep->on_open) keep->on_open();
  return !alive.expired();
}

void WebSocket::finish(Error error) {
  loop_.cancel(std::exchange(timer_, 0));
  state_ = State::closed;
  stream_.reset();
  auto keep = std::move(callbacks_);
  callbacks_ = nullptr;
  if (keep && keep->on_closed) keep->on_closed(std::move(error));
}

// From inside a call of the owner, who must not be called back before it returns.
void WebSocket::finish_later(Error error) {
  loop_.post([this, alive = std::weak_ptr<char>(life_), error = std::move(error)]() mutable {
    if (!alive.expired()) finish(std::move(error));
  });
}

}  // namespace pigeond::net
