// What an account says of itself and whom it lets do what, as its devices ask and set it: about, privacy,
// blocklist, the default timer of its messages; and what businesses say. Each change is told to its other
// devices.
#pragma once

#include <functional>
#include <string>

#include "sandbox/messages/mailroom.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class Settings {
 public:
  Settings(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // Answers to requests, by xmlns; `afterwards` is set to what they cause.
  using Afterwards = std::function<void()>;
  wire::Node privacy(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards);
  wire::Node about(const DeviceRef& from, const wire::Node& iq);
  wire::Node blocklist(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards);
  wire::Node disappearing_mode(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards);
  wire::Node business(const DeviceRef& from, const wire::Node& iq);

  // As by the account's phone.
  void set_privacy(const DeviceRef& by, const std::string& name, const std::string& value);

 private:
  wire::Node refused(const DeviceRef& from, const wire::Node& iq, const char* why);
  void tell_others(const DeviceRef& by, const wire::Node& what);

  World& world_;
  Mailroom& mailroom_;
};

}  // namespace pigeond::sandbox
