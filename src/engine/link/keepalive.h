// When to ask the server for a sign of life, and when to give the link up. Sans-I/O: it only keeps the times.
//
// A ping goes out 20 to 30 s after the last byte that came in (whatsmeow's interval; pinging only into
// silence is whatsapp-rust's way), and 20 s without any byte after it mean a dead link: found within 50 s, at
// two wake-ups in 25 s. After a sleep of the machine the link is more likely gone than not (its NAT entry
// lapsed, its peer gave up): then 5 s are enough.
#pragma once

#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace pigeond::engine {

class Keepalive {
 public:
  enum class Action { none, ping, dead };

  // All times are of a clock that goes on while the machine sleeps.
  void start(Millis mono, Random& random);
  void stop();
  void received(Millis mono);                // any bytes
  Action wake(Millis mono, Random& random);  // ping: send one now
  std::optional<Millis> next_wake() const;   // mono ms

 private:
  bool running_ = false;
  bool waiting_ = false;  // a ping is out, and nothing came since
  Millis interval_ = 0;   // from the last byte to the ping
  Millis last_received_ = 0;
  Millis deadline_ = 0;  // of the answer
};

}  // namespace pigeond::engine
