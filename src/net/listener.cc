#include "net/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/log.h"
#include "net/tcp_stream.h"

namespace pigeond::net {
namespace {

constexpr int kBacklog = 64;
constexpr int kAcceptsPerRound = 16;
constexpr Millis kRetry = 200;  // after running out of descriptors or memory

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(Network& network, const std::string& host,
                                                 std::uint16_t port,
                                                 std::shared_ptr<const TlsIdentity> identity, Accept accept) {
  auto address = parse_ip(host == "localhost" ? "127.0.0.1" : host, port);
  if (!address) return fail(Cause::bad_input, "not an IP address to listen on: " + host);
  UniqueFd fd(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("socket for " + address->text(), errno);
  int on = 1;
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), address->get(), address->size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return errno_error("listen on " + address->text(), errno);
  }
  Address bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(fd.get(), bound.get(), &bound.size) != 0) {
    return errno_error("listen on " + address->text(), errno);
  }
  return std::unique_ptr<Listener>(
      new Listener(network, std::move(fd), bound.port(), std::move(identity), std::move(accept)));
}

Listener::Listener(Network& network, UniqueFd fd, std::uint16_t port,
                   std::shared_ptr<const TlsIdentity> identity, Accept accept)
    : network_(network),
      fd_(std::move(fd)),
      port_(port),
      identity_(std::move(identity)),
      accept_(std::make_shared<Accept>(std::move(accept))) {
  network_.loop().watch(fd_.get(), Loop::kReadable, [this](std::uint32_t) { ready(); });
}

Listener::~Listener() {
  network_.loop().cancel(retry_);
  network_.loop().unwatch(fd_.get());
}

void Listener::ready() {
  std::weak_ptr<Accept> alive = accept_;
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
      // Level-triggered, the same failure would come back at once and for ever.
      log::warning("accept", {{"port", std::to_string(port_)}, {"errno", std::to_string(errno)}});
      network_.loop().set_events(fd_.get(), 0);
      retry_ =
          network_.loop().after(kRetry, [this] { network_.loop().set_events(fd_.get(), Loop::kReadable); });
      return;
    }
    std::unique_ptr<Stream> stream = TcpStream::adopt(network_.loop(), std::move(fd));
    if (identity_) stream = tls_server(network_, std::move(stream), identity_);
    auto accept = alive.lock();
    (*accept)(std::move(stream));
    accept.reset();
    if (alive.expired()) return;  // it destroyed the listener
  }
}

}  // namespace pigeond::net
