// The service of groups: what clients ask of it (xmlns w:g2), and what members are told of changes (w:gp2).
// What is answered when is known from whatsmeow (group.go and its errors), Baileys (lib/Socket/groups.js) and
// whatsapp-rust; the numbers of refusals, which all three only pass on, from what their users report.
#pragma once

#include <functional>
#include <map>
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
  GroupsOffice(World& world, Mailroom& mailroom);

  // All members are told. not_found: one of the accounts.
  Result<std::string> create(const NewGroup& wanted);
  // The answer to an iq; 501 where nobody here handles it. `afterwards` is what it causes.
  wire::Node answer(const DeviceRef& from, const wire::Node& iq, std::function<void()>& afterwards);

 private:
  // A request about a group of which `phone` is a member.
  struct Request {
    const std::string& phone;
    Group& group;
    const wire::Node& iq;
    const wire::Node& asked;  // its child
    std::function<void()>& afterwards;
  };
  using Answer = wire::Node (GroupsOffice::*)(const Request&);

  wire::Node participating(const DeviceRef& from, const wire::Node& iq) const;
  wire::Node create(const DeviceRef& from, const wire::Node& iq, std::function<void()>& afterwards);
  wire::Node leave(const DeviceRef& from, const wire::Node& iq, std::function<void()>& afterwards);
  wire::Node preview(const wire::Node& iq) const;
  wire::Node join(const DeviceRef& from, const wire::Node& iq, std::function<void()>& afterwards);
  Group& found(const NewGroup& wanted);

  wire::Node query(const Request& request);
  wire::Node invite(const Request& request);
  wire::Node subject(const Request& request);
  wire::Node description(const Request& request);
  wire::Node setting(const Request& request);
  wire::Node ephemeral(const Request& request);
  wire::Node members(const Request& request);
  wire::Node requests(const Request& request);
  wire::Node decide(const Request& request);

  // What becomes of one participant: his <participant> of the answer, which has an `error` where nothing did.
  wire::Node add(Group& group, const wire::Jid& jid);
  wire::Node change(Group& group, const std::string& tag, const wire::Jid& jid);
  wire::Node decided(Group& group, bool approve, const wire::Jid& jid);
  wire::Node result_of(const Group& group, const wire::Jid& jid, int error) const;

  // To all companions of the members, and of `also` (phones).
  void notify(const Group& group, const std::string& actor, const wire::Node& change,
              const std::vector<std::string>& also = {});
  void notify_admins(const Group& group, const std::string& actor, const wire::Node& change);
  wire::Node changed(const Request& request, wire::Node change);
  std::string new_code();
  void notify_joined(const Group& group, const std::string& actor, const std::string& reason,
                     const std::vector<std::string>& joined);
  wire::Node notification(const Group& group, const std::string& actor, const wire::Node& change);
  void tell(const std::string& phone, const wire::Node& note);

  World& world_;
  Mailroom& mailroom_;
  std::map<std::string, Answer> answers_;  // by the tag of the child, of requests to a group
};

}  // namespace pigeond::sandbox
