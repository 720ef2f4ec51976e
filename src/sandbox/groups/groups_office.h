// The service of groups: what clients ask of it (xmlns w:g2), and what members are told of changes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/groups/group.h"
#include "sandbox/messages/mailroom.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

struct NewGroup {
  std::string creator;               // phone
  std::vector<std::string> members;  // phones, beside the creator
  std::string subject;
  Form addressing = Form::lid;
  bool announce = false, locked = false, admins_add = false, approval = false;
  std::int64_t ephemeral = 0;  // seconds
};

class GroupsOffice {
 public:
  GroupsOffice(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // All members are told. not_found: one of the accounts.
  Result<std::string> create(const NewGroup& wanted);
  // The answer to an iq; 501 where nobody here handles it.
  wire::Node answer(const DeviceRef& from, const wire::Node& iq);

 private:
  wire::Node participating(const DeviceRef& from, const wire::Node& iq) const;
  void tell_created(const Group& group);
  // A notification to all companions of the members, and of `also` (phone).
  void notify(const Group& group, const std::string& actor, const wire::Node& change,
              const std::string& also = {});

  World& world_;
  Mailroom& mailroom_;
};

}  // namespace pigeond::sandbox
