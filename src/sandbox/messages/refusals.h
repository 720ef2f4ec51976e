// What a client does with a message that was refused for lack of trust (463). On the link that brought the
// refusal it may send it again with a token or to an address with which it was not refused yet, a few times
// at the most, and not at all while the account is locked. The real service reports nothing; a blind retry is
// said to lengthen the lock (a comment in Baileys, which never retries).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/world.h"

namespace pigeond::sandbox {

class Refusals {
 public:
  explicit Refusals(World& world) : world_(world) {}

  // A message comes: reports a breach.
  void check(const DeviceRef& from, const wire::Node& message);
  // It was refused with 463, and the ack that says so was written.
  void note(const DeviceRef& from, const wire::Node& message);

 private:
  struct Refusal {
    ConnectionId connection{};
    bool locked = false;                               // the account, then
    std::vector<std::pair<std::string, Bytes>> shown;  // to whom with which token, empty: none; each refused
  };

  World& world_;
  std::map<std::pair<DeviceRef, std::string>, Refusal> refused_;  // by message id
};

}  // namespace pigeond::sandbox
