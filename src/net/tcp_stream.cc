#include "net/tcp_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.h"

namespace pigeond::net {
namespace {

constexpr Millis kAttempt = 5 * kSecond;  // for one address while others wait behind it
constexpr Millis kFlush = 30 * kSecond;   // after close(), for the other side to take what waits
constexpr Millis kLinger =
    2 * kSecond;  // for the other side to end after us, so that no reset eats what we sent

Error closed_error() {
  return fail(Cause::link_lost, "closed by the other side");
}

}  // namespace

std::unique_ptr<TcpStream> TcpStream::connect(Network& network, const std::string& host, std::uint16_t port,
                                              Millis timeout, AddressCheck check) {
  std::unique_ptr<TcpStream> stream(new TcpStream(network.loop()));
  TcpStream* self = stream.get();
  self->peer_ = host + ":" + std::to_string(port);
  self->resolver_ = &network.resolver();
  self->check_ = std::move(check);
  self->deadline_ = network.loop().now().mono + timeout;
  self->timer_ = network.loop().at(self->deadline_, [self] {
    self->timer_ = 0;
    self->finish(fail(Cause::timed_out, "connecting to " + self->peer_ + " took too long"));
  });
  self->lookup_ = network.resolver().resolve(host, port, [self](Result<std::vector<Address>> addresses) {
    self->lookup_ = 0;
    self->resolved(std::move(addresses));
  });
  return stream;
}

std::unique_ptr<TcpStream> TcpStream::adopt(Loop& loop, UniqueFd connected) {
  std::unique_ptr<TcpStream> stream(new TcpStream(loop));
  TcpStream* self = stream.get();
  self->fd_ = std::move(connected);
  (void)set_nonblocking(self->fd_.get());
  set_nodelay(self->fd_.get());
  Address address;
  address.size = sizeof address.storage;
  if (::getpeername(self->fd_.get(), address.get(), &address.size) == 0) self->peer_ = address.text();
  self->state_ = State::open;
  self->events_ = Loop::kReadable;
  loop.watch(self->fd_.get(), self->events_, [self](std::uint32_t events) { self->ready(events); });
  return stream;
}

TcpStream::~TcpStream() {
  release();
}

void TcpStream::release() {
  if (lookup_ != 0) resolver_->cancel(std::exchange(lookup_, 0));
  loop_.cancel(std::exchange(timer_, 0));
  if (fd_) loop_.unwatch(fd_.get());
  if (lease_) {
    const std::lock_guard lock(lease_->mutex);
    lease_->fd = -1;
  }
  fd_.reset();
  addresses_ = std::vector<Address>();
  buffer_ = Bytes();
  sent_ = 0;
}

std::shared_ptr<SocketLease> TcpStream::lease() {
  if (state_ != State::open) return nullptr;
  if (!lease_) {
    lease_ = std::make_shared<SocketLease>();
    lease_->fd = fd_.get();
  }
  return lease_;
}

void TcpStream::resolved(Result<std::vector<Address>> addresses) {
  if (!addresses) return finish(addresses.error());
  addresses_ = std::move(*addresses);
  Status refused;
  std::erase_if(addresses_, [&](const Address& address) {
    if (!check_) return false;
    const Status allowed = check_(address);
    if (!allowed && refused) refused = allowed;
    return !allowed;
  });
  check_ = nullptr;
  if (addresses_.empty() && !refused)
    return finish(fail(refused.cause(), peer_ + ": " + refused.error().detail));
  std::reverse(addresses_.begin(), addresses_.end());
  try_next();
}

void TcpStream::try_next() {
  const Address address = addresses_.back();
  addresses_.pop_back();
  fd_.reset(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return attempt_failed(errno_error("socket for " + address.text(), errno));
  set_nodelay(fd_.get());
  if (::connect(fd_.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return attempt_failed(errno_error("connect to " + address.text(), errno));
  }
  events_ = Loop::kWritable;
  loop_.watch(fd_.get(), events_, [this, address](std::uint32_t) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return attempt_failed(errno_error("connect to " + address.text(), error));
    connected();
  });
  if (addresses_.empty()) return;  // the last one has all the time that is left
  loop_.cancel(timer_);
  const Millis until = std::min(deadline_, loop_.now().mono + kAttempt);
  timer_ = loop_.at(until, [this, address] {
    timer_ = 0;
    attempt_failed(fail(Cause::timed_out, "connecting to " + address.text() + " took too long"));
  });
}

void TcpStream::attempt_failed(Error error) {
  if (fd_) loop_.unwatch(fd_.get());
  fd_.reset();
  if (addresses_.empty() || loop_.now().mono >= deadline_) return finish(std::move(error));
  loop_.cancel(timer_);
  timer_ = loop_.at(deadline_, [this] {
    timer_ = 0;
    finish(fail(Cause::timed_out, "connecting to " + peer_ + " took too long"));
  });
  try_next();
}

void TcpStream::connected() {
  loop_.cancel(std::exchange(timer_, 0));
  addresses_ = std::vector<Address>();
  state_ = State::open;
  events_ = reading_ ? Loop::kReadable : 0;
  loop_.watch(fd_.get(), events_, [this](std::uint32_t events) { ready(events); });
  if (!deliver_open() || state_ != State::open) return;
  if (!buffer_.empty()) flush();
}

void TcpStream::ready(std::uint32_t events) {
  if ((events & Loop::kWritable) != 0 && (state_ == State::open || state_ == State::closing) &&
      !buffer_.empty()) {
    if (!flush()) return;
  }
  if ((events & Loop::kReadable) != 0) read_some();
}

void TcpStream::read_some() {
  if (!reading_ && state_ == State::open) {
    // Reported though not asked for: the connection is broken. Find out how, without taking data.
    char byte = 0;
    if (::recv(fd_.get(), &byte, 1, MSG_PEEK) >= 0) return loop_.unwatch(fd_.get());
    if (errno == EAGAIN || errno == EINTR) return;
    return finish(fail(Cause::link_lost, errno_error("receive from " + peer_, errno).detail, errno));
  }
  auto buffer = loop_.read_buffer();
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool ending = state_ == State::closing || state_ == State::lingering;
  if (count < 0) {
    const int number = errno;
    if (ending) return finish(fail(Cause::cancelled, "closed"));
    return finish(fail(Cause::link_lost, errno_error("receive from " + peer_, number).detail, number));
  }
  if (count == 0) {
    if (state_ == State::closing) {  // it may still read what waits here
      reading_ = false;
      return update_events();
    }
    if (!ending && wants_end()) {
      reading_ = false;
      update_events();
      deliver_end();
      return;
    }
    return finish(ending ? fail(Cause::cancelled, "closed") : closed_error());
  }
  if (!ending) deliver_data(buffer.first(static_cast<std::size_t>(count)));
}

Status TcpStream::write(ByteView data) {
  if (state_ != State::open && state_ != State::connecting) return fail(Cause::link_lost, "closed");
  if (unheard_) return {};  // on_closed follows
  if (data.size() > limits::kStreamBuffer - std::min(buffered(), limits::kStreamBuffer)) {
    return fail(Cause::too_large, peer_ + " does not read what it is sent");
  }
  if (state_ == State::open && buffer_.empty()) {
    const ssize_t count = ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
      const int number = errno;
      if (still_readable(number)) return {};
      finish_later(fail(Cause::link_lost, errno_error("send to " + peer_, number).detail, number));
      return {};
    }
    data = data.subspan(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (data.empty()) return {};
  if (sent_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
  buffer_.insert(buffer_.end(), data.begin(), data.end());
  if (state_ == State::open) update_events();
  return {};
}

// False when the stream is gone or over.
bool TcpStream::flush() {
  while (sent_ < buffer_.size()) {
    const ssize_t count = ::send(fd_.get(), buffer_.data() + sent_, buffer_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      update_events();
      return true;
    }
    if (count < 0) {
      const int number = errno;
      if (still_readable(number)) return true;
      finish(fail(Cause::link_lost, errno_error("send to " + peer_, number).detail, number));
      return false;
    }
    sent_ += static_cast<std::size_t>(count);
  }
  buffer_ = Bytes();
  sent_ = 0;
  if (state_ == State::closing) {
    half_close();
    return false;
  }
  update_events();
  return deliver_drained() && state_ == State::open;
}

// Who refuses a long request says why and hangs up: his answer has come before the reset has, and is read to
// its end, which is the connection's. Whoever wants on_end() would take that for the other side's half.
bool TcpStream::still_readable(int number) {
  if ((number != EPIPE && number != ECONNRESET) || state_ != State::open || !reading_ || wants_end())
    return false;
  unheard_ = true;
  buffer_ = Bytes();
  sent_ = 0;
  update_events();
  return true;
}

void TcpStream::update_events() {
  std::uint32_t events = 0;
  if (reading_ || state_ == State::lingering) events |= Loop::kReadable;
  if (!buffer_.empty()) events |= Loop::kWritable;
  if (events == events_) return;
  events_ = events;
  loop_.set_events(fd_.get(), events);
}

void TcpStream::set_reading(bool reading) {
  if (reading_ == reading) return;
  reading_ = reading;
  if (state_ != State::open) return;
  events_ = ~0U;  // read_some() may have taken it off the loop
  loop_.watch(fd_.get(), 0, [this](std::uint32_t events) { ready(events); });
  update_events();
}

void TcpStream::close() {
  if (state_ == State::connecting) return finish_later(fail(Cause::cancelled, "closed"));
  if (state_ != State::open) return;
  set_reading(true);
  state_ = State::closing;
  if (buffer_.empty()) return half_close();
  timer_ = loop_.after(kFlush, [this] {
    timer_ = 0;
    finish(fail(Cause::cancelled, "closed; " + peer_ + " did not read what it was sent"));
  });
}

void TcpStream::half_close() {
  state_ = State::lingering;
  if (::shutdown(fd_.get(), SHUT_WR) != 0) return finish_later(fail(Cause::cancelled, "closed"));
  update_events();
  loop_.cancel(timer_);
  timer_ = loop_.after(kLinger, [this] {
    timer_ = 0;
    finish(fail(Cause::cancelled, "closed"));
  });
}

void TcpStream::finish(Error error) {
  release();
  state_ = State::closed;
  deliver_closed(std::move(error));
}

// From inside a call of the owner, who must not be called back before it returns.
void TcpStream::finish_later(Error error) {
  release();
  state_ = State::closed;
  loop_.post([alive = life(), this, error = std::move(error)]() mutable {
    if (!alive.expired()) deliver_closed(std::move(error));
  });
}

}  // namespace pigeond::net
