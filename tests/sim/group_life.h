// Groups while a world runs: what people do and say in them, and what the service takes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checks/ledger.h"
#include "host/host.h"
#include "outside/network.h"
#include "plan/group_plan.h"
#include "sandbox/service.h"
#include "timeline.h"

namespace pigeond::sim {

class GroupLife {
 public:
  struct Environment {
    const Plan& plan;
    const GroupPlan& groups;
    Timeline& timeline;
    Network& network;
    sandbox::Service& service;
    Random& random;
    Ledger& ledger;
    std::function<Host&(const PlannedAccount&, std::size_t engine)> host_of;
  };
  explicit GroupLife(const Environment& environment) : environment_(environment) {}

  void begin();  // the groups are made, and what is planned is on its way
  const std::string& id_of(std::size_t group) const { return ids_[group]; }

 private:
  void watch();
  void taken(const sandbox::DeviceRef& from, const sandbox::Group& group, const wire::Node& message,
             bool told);
  void note_members();
  void perform(std::size_t index);
  void say(std::size_t index);
  void say_by_engine(std::size_t index);
  void say_by_phone(std::size_t index);
  void change(const GroupAction& action);
  void change_by_phone(const GroupAction& action);
  const sandbox::Group& group(const GroupAction& action) const;
  const PlannedAccount& account(std::size_t index) const { return environment_.plan.accounts[index]; }
  wire::Jid address(std::size_t account, std::size_t group) const;
  void broken(const std::string& what) { environment_.ledger.broken.push_back(what); }

  Environment environment_;
  std::vector<std::string> ids_;
};

}  // namespace pigeond::sim
