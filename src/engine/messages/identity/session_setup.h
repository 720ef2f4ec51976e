// Signal sessions with devices that have none yet: pre-key bundles fetched from the service.
#pragma once

#include <functional>
#include <vector>

#include "engine/messages/desk.h"

namespace pigeond::engine {

class SessionSetup {
 public:
  explicit SessionSetup(Desk& desk) : desk_(desk) {}

  // Asks for a bundle of each device, and starts a session from it. `done` comes once, after all answers: ok
  // even if some devices have no bundle (ask Ciphers::has_session), an error if nothing could be asked
  // (link_lost, timed_out). A service that refuses a whole list with 406 is asked for each device alone: a
  // lone 406 means that the device is no longer registered, and drops its user's device list.
  enum class Existing {
    keep,
    renew,    // a new session is put before it: what is still on its way under the old one can be read
    replace,  // it is broken
  };
  void fetch(std::vector<wire::Jid> devices, Existing existing, std::function<void(Status)> done);

 private:
  struct Round;
  void ask(std::vector<wire::Jid> devices, std::shared_ptr<Round> round);
  void take(const wire::Node& answer, const Round& round);

  Desk& desk_;
};

}  // namespace pigeond::engine
