#include "net/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "base/log.h"
#include "net/tcp_stream.h"

namespace pigeond::net {
namespace {

constexpr int kBacklog = 1024;  // of connections that wait to be accepted; the kernel has its own cap
constexpr int kAcceptsPerRound = 16;
constexpr Millis kRetry = 200;  // after running out of descriptors or memory
constexpr Millis kLogPause = 10 * kSecond;

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Cause::bad_input, "not a path for a unix socket (at most 107 bytes): " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Makes way for a new socket file, if what is there was left behind.
Status remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode))
    return fail(Cause::io, "listen on " + path + ": there is a file of that name");
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return errno_error("socket for " + path, errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno != ECONNREFUSED)
    return fail(Cause::io, "listen on " + path + ": another process listens there", EADDRINUSE);
  if (::unlink(path.c_str()) != 0) return errno_error("replace " + path, errno);
  return {};
}

std::uint64_t inode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(Network& network, const std::string& host,
                                                 std::uint16_t port, TlsIdentities identities,
                                                 Accept accept) {
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
  auto listener = std::unique_ptr<Listener>(
      new Listener(network, std::move(fd), bound.text(), std::move(identities), std::move(accept)));
  listener->port_ = bound.port();
  return listener;
}

Result<std::unique_ptr<Listener>> Listener::open_unix(Network& network, const std::string& path,
                                                      unsigned mode, Accept accept) {
  PIGEOND_TRY(const auto address, unix_address(path));
  PIGEOND_CHECK(remove_stale(path, address));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("socket for " + path, errno);
  // Before bind(2), so that the file is never open to more than it shall be; after it, as the umask counts
  // too.
  if (::fchmod(fd.get(), mode) != 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), mode) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return errno_error("listen on " + path, errno);
  }
  auto listener =
      std::unique_ptr<Listener>(new Listener(network, std::move(fd), path, nullptr, std::move(accept)));
  listener->path_ = path;
  listener->inode_ = inode_of(path);
  return listener;
}

Listener::Listener(Network& network, UniqueFd fd, std::string address, TlsIdentities identities,
                   Accept accept)
    : network_(network),
      fd_(std::move(fd)),
      address_(std::move(address)),
      identities_(std::move(identities)),
      accept_(std::make_shared<Accept>(std::move(accept))) {
  network_.loop().watch(fd_.get(), Loop::kReadable, [this](std::uint32_t) { ready(); });
}

Listener::~Listener() {
  network_.loop().cancel(retry_);
  network_.loop().unwatch(fd_.get());
  if (!path_.empty() && inode_ == inode_of(path_)) (void)::unlink(path_.c_str());
}

void Listener::ready() {
  std::weak_ptr<Accept> alive = accept_;
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) back_off(errno);
      return;
    }
    try {
      std::unique_ptr<Stream> stream = TcpStream::adopt(network_.loop(), std::move(fd));
      if (identities_) stream = tls_server(network_, std::move(stream), identities_.now());
      auto accept = alive.lock();
      (*accept)(std::move(stream));
      accept.reset();
      if (alive.expired()) return;  // it destroyed the listener
    } catch (const std::bad_alloc&) {
      if (!alive.expired()) back_off(ENOMEM);
      return;
    }
  }
}

// Level-triggered, the same failure would come back at once and for ever.
void Listener::back_off(int number) {
  const Millis now = network_.loop().now().mono;
  if (now >= next_log_) {
    log::warning("accept", {{"address", address_}, {"error", std::strerror(number)}});
    next_log_ = now + kLogPause;
  }
  network_.loop().set_events(fd_.get(), 0);
  retry_ =
      network_.loop().at(now + kRetry, [this] { network_.loop().set_events(fd_.get(), Loop::kReadable); });
  if (exhausted_) exhausted_();
}

}  // namespace pigeond::net
