// Tells systemd how we are: sd_notify(3) without libsystemd, a datagram to $NOTIFY_SOCKET.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/time.h"
#include "gateway/gateway.h"

namespace pigeond::app {

class Notifier {
 public:
  // `socket` is a path, or starts with '@' for an abstract name; empty: nobody listens, and nothing is sent.
  explicit Notifier(std::string socket) : socket_(std::move(socket)) {}

  bool send(std::string_view message) const;  // false: nobody listens, or it was not taken
  void ready() const { send("READY=1"); }
  void stopping() const { send("STOPPING=1"); }
  void watchdog() const { send("WATCHDOG=1"); }
  void status(std::string_view text) const { send("STATUS=" + std::string(text)); }

 private:
  std::string socket_;
};

Notifier notifier_of(const Environment& environment);

// How often WATCHDOG=1 is to be sent, in ms: half of what $WATCHDOG_USEC allows. 0: not at all, also when
// $WATCHDOG_PID names another process.
Millis watchdog_interval(const Environment& environment, int pid);

// "2 of 3 sessions work, 1 failed"
std::string status_line(const gateway::Counts& counts);

}  // namespace pigeond::app
