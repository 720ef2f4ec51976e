#include "app/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/text.h"

namespace pigeond::app {

bool Notifier::send(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  if (socket_[0] == '@') {
    address.sun_path[0] = '\0';
  } else {
    ++size;
  }
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const auto sent = ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
  return sent == static_cast<ssize_t>(message.size());
}

Notifier notifier_of(const Environment& environment) {
  return Notifier(environment("NOTIFY_SOCKET").value_or(""));
}

Millis watchdog_interval(const Environment& environment, int pid) {
  const auto usec = parse_unsigned(environment("WATCHDOG_USEC").value_or(""));
  const auto for_pid = environment("WATCHDOG_PID");
  if (!usec || *usec == 0 || (for_pid && *for_pid != std::to_string(pid))) return 0;
  return std::max<Millis>(static_cast<Millis>(std::min<std::uint64_t>(*usec, 86'400'000'000u) / 2000), 1);
}

std::string status_line(const gateway::Counts& counts) {
  std::string text =
      std::to_string(counts.working) + " of " + std::to_string(counts.running) + " sessions work";
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  return text;
}

}  // namespace pigeond::app
