#include "net/proxy/proxy_stream.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "net/tcp_stream.h"

namespace pigeond::net {

std::unique_ptr<ProxyStream> ProxyStream::connect(Network& network, ProxyRef proxy, const std::string& host,
                                                  std::uint16_t port, Millis timeout, AddressCheck check) {
  std::unique_ptr<ProxyStream> stream(new ProxyStream(network, std::move(proxy), host, port));
  stream->start(timeout, std::move(check));
  return stream;
}

ProxyStream::ProxyStream(Network& network, ProxyRef proxy, const std::string& host, std::uint16_t port)
    : network_(network),
      proxy_(std::move(proxy)),
      peer_(host + ":" + std::to_string(port) + " through " + proxy_->text()),
      dialog_(proxy_dialog(*proxy_, host, port)) {}

ProxyStream::~ProxyStream() {
  network_.loop().cancel(timer_);
}

void ProxyStream::start(Millis timeout, AddressCheck check) {
  if (!proxy_->trouble.empty()) return fail_later(fail(Cause::proxy, proxy_->trouble));
  inner_ = TcpStream::connect(network_, proxy_->host, proxy_->port, timeout, std::move(check));
  Callbacks callbacks;
  callbacks.on_open = [this] { (void)inner_->write(dialog_->hello()); };
  callbacks.on_data = [this](ByteView data) {
    state_ == State::dialog ? answered(data) : void(deliver_data(data));
  };
  callbacks.on_drained = [this] {
    if (state_ == State::open) deliver_drained();
  };
  callbacks.on_closed = [this](Error error) {
    if (state_ == State::dialog && !closing_)
      error = proxy_error(*proxy_, error.cause == Cause::link_lost ? "closes the connection without an answer"
                                                                   : "can't be reached: " + error.detail);
    finish(std::move(error));
  };
  inner_->set_callbacks(std::move(callbacks));
  timer_ = network_.loop().after(timeout, [this] {
    timer_ = 0;
    finish(proxy_error(*proxy_, "gives no answer in time"));
  });
}

void ProxyStream::answered(ByteView data) {
  Bytes say;
  const auto done = dialog_->receive(data, say);
  if (!done) return finish(done.error());
  if (*done) return opened(data);
  if (!say.empty()) (void)inner_->write(say);
}

void ProxyStream::opened(ByteView rest) {
  network_.loop().cancel(std::exchange(timer_, 0));
  dialog_.reset();
  state_ = State::open;
  rest_ = to_bytes(rest);
  inner_->set_reading(reading_);
  if (!deliver_open() || state_ != State::open) return;
  if (!pending_.empty()) (void)inner_->write(std::exchange(pending_, {}));
  if (closing_) return inner_->close();
  deliver_rest();
}

void ProxyStream::deliver_rest() {
  if (state_ != State::open || !reading_ || rest_.empty()) return;
  const Bytes rest = std::exchange(rest_, {});
  deliver_data(rest);
}

Status ProxyStream::write(ByteView data) {
  if (state_ == State::closed || closing_) return fail(Cause::link_lost, "closed");
  if (state_ == State::open) return inner_->write(data);
  if (data.size() > limits::kStreamBuffer - std::min(pending_.size(), limits::kStreamBuffer))
    return fail(Cause::too_large, peer_ + " does not read what it is sent");
  pending_.insert(pending_.end(), data.begin(), data.end());
  return {};
}

void ProxyStream::set_reading(bool reading) {
  if (reading_ == reading) return;
  reading_ = reading;
  if (state_ != State::open) return;
  inner_->set_reading(reading);
  if (reading && !rest_.empty())
    network_.loop().post([this, alive = life()] {
      if (!alive.expired()) deliver_rest();
    });
}

void ProxyStream::close() {
  if (state_ == State::closed || std::exchange(closing_, true)) return;
  if (state_ == State::open) return inner_->close();
  fail_later(fail(Cause::cancelled, "closed"));
}

// Not from inside a call of the owner.
void ProxyStream::fail_later(Error error) {
  network_.loop().cancel(std::exchange(timer_, 0));
  inner_.reset();
  state_ = State::closed;
  network_.loop().post([this, alive = life(), error = std::move(error)]() mutable {
    if (!alive.expired()) deliver_closed(std::move(error));
  });
}

void ProxyStream::finish(Error error) {
  network_.loop().cancel(std::exchange(timer_, 0));
  inner_.reset();
  state_ = State::closed;
  pending_ = Bytes();
  rest_ = Bytes();
  deliver_closed(std::move(error));
}

}  // namespace pigeond::net
