// What the service allows accounts towards strangers, as set over the control API: told when it changes and
// when a client asks (xmlns w:mex).
#pragma once

#include <optional>

#include "sandbox/messages/mailroom.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class LimitsOffice {
 public:
  LimitsOffice(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  void set_timelock(Account& account, std::optional<Timelock> timelock);
  void set_capping(Account& account, std::optional<Capping> capping);
  // The answer to such a query; nullopt: it is about something else.
  std::optional<wire::Node> answer(const DeviceRef& from, const wire::Node& iq) const;

 private:
  void notify(const Account& account, const char* operation, const std::string& json);

  World& world_;
  Mailroom& mailroom_;
};

}  // namespace pigeond::sandbox
