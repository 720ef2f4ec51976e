#include "app/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <map>

#include "net/posix.h"
#include "world.h"

namespace pigeond::app {
namespace {

// systemd's side: a datagram socket at a path, or at an abstract name ('@').
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '@' ? 0 : 1));
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  std::string receive() {
    char buffer[256];
    const auto size = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
  }

 private:
  net::UniqueFd fd_;
};

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(Notifier, SendsOneDatagramAMessageToAPath) {
  Folder folder;
  ServiceManager manager(folder.file("notify"));
  const Notifier notifier(folder.file("notify"));
  notifier.ready();
  EXPECT_EQ(manager.receive(), "READY=1");
  notifier.status("1 of 2 sessions work");
  EXPECT_EQ(manager.receive(), "STATUS=1 of 2 sessions work");
  notifier.watchdog();
  EXPECT_EQ(manager.receive(), "WATCHDOG=1");
  notifier.stopping();
  EXPECT_EQ(manager.receive(), "STOPPING=1");
}

TEST(Notifier, ReachesAbstractSockets) {
  const std::string name = "@pigeond-test-" + std::to_string(getpid());
  ServiceManager manager(name);
  notifier_of(environment({{"NOTIFY_SOCKET", name}})).ready();
  EXPECT_EQ(manager.receive(), "READY=1");
}

TEST(Notifier, SaysNothingWhenNobodyListens) {
  EXPECT_FALSE(notifier_of(environment({})).send("READY=1"));
  EXPECT_FALSE(Notifier("/nowhere/notify").send("READY=1"));
  EXPECT_FALSE(Notifier(std::string(200, 'x')).send("READY=1"));
}

TEST(WatchdogInterval, IsHalfOfWhatIsAllowed) {
  EXPECT_EQ(watchdog_interval(environment({{"WATCHDOG_USEC", "30000000"}}), 7), 15000);
  EXPECT_EQ(watchdog_interval(environment({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "7"}}), 7), 15000);
  EXPECT_EQ(watchdog_interval(environment({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "8"}}), 7), 0);
  EXPECT_EQ(watchdog_interval(environment({{"WATCHDOG_USEC", "soon"}}), 7), 0);
  EXPECT_EQ(watchdog_interval(environment({}), 7), 0);
}

TEST(StatusLine, CountsWhatWorks) {
  EXPECT_EQ(status_line({2, 3, 0, 4}), "2 of 3 sessions work");
  EXPECT_EQ(status_line({1, 3, 1, 4}), "1 of 3 sessions work, 1 failed");
}

}  // namespace
}  // namespace pigeond::app
