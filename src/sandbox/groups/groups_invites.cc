// GroupsOffice's part that is about links, and about who asks to join.
#include "base/text.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/groups/group_nodes.h"
#include "sandbox/groups/groups_office.h"

namespace pigeond::sandbox {
namespace {

// By a code that is good; else the number of the refusal: 410 was good once, 406 never was (whatsmeow's
// ErrInviteLinkRevoked, ErrInviteLinkInvalid).
std::pair<Group*, int> by_code(World& world, const std::string& code) {
  bool reset = false;
  for (auto& [id, group] : world.groups) {
    if (!code.empty() && group.invite_code == code) return {&group, 0};
    reset = reset || group.reset_codes.contains(code);
  }
  return {nullptr, reset ? 410 : 406};
}

const char* reason(int error) {
  return error == 410 ? "gone" : "not-acceptable";
}

}  // namespace

// Only admins see the link: 401 (whatsmeow's ErrGroupInviteLinkUnauthorized).
wire::Node GroupsOffice::invite(const Request& request) {
  Group& group = request.group;
  if (!group.is_admin(request.phone)) return iq_error(request.iq, 401, "not-authorized");
  if (request.iq.is("type", "set")) {
    group.reset_codes.insert(group.invite_code);
    group.invite_code = new_code();
    request.afterwards = [this, id = group.id, actor = request.phone] {
      const Group& changed = world_.groups.at(id);
      notify_admins(changed, actor, wire::Node("invite").set("code", changed.invite_code));
    };
  }
  wire::Node result = iq_result(request.iq);
  return result.set("from", group.jid()).add(wire::Node("invite").set("code", group.invite_code));
}

// Who looks from outside is told the group, not its members.
wire::Node GroupsOffice::preview(const wire::Node& iq) const {
  const auto [group, error] = by_code(world_, iq.child("invite")->attr("code"));
  if (group == nullptr) return iq_error(iq, error, reason(error));
  wire::Node result = iq_result(iq);
  return result.set("from", iq.jid("to").value()).add(group_node(world_, *group, false));
}

wire::Node GroupsOffice::join(const DeviceRef& from, const wire::Node& iq,
                              std::function<void()>& afterwards) {
  const auto [found, error] = by_code(world_, iq.child("invite")->attr("code"));
  if (found == nullptr) return iq_error(iq, error, reason(error));
  Group& group = *found;
  const std::string& phone = from.phone;
  if (group.has(phone)) return iq_error(iq, 304, "not-modified");
  if (group.removed.contains(phone)) return iq_error(iq, 405, "not-allowed");
  wire::Node result = iq_result(iq);
  result.set("from", iq.jid("to").value());
  if (group.approval) {
    group.requests[phone] = {world_.now.unix_seconds(), "invite_link"};
    afterwards = [this, id = group.id, phone] {
      const Group& asked = world_.groups.at(id);
      wire::Node change("created_membership_requests"), user = participant_node(world_, asked, phone);
      user.tag = "requested_user";
      change.set("request_method", "invite_link").add(std::move(user));
      notify_admins(asked, phone, change);
    };
    return result.add(wire::Node("membership_approval_request").set("jid", group.jid()));
  }
  group.members[phone] = GroupRank::member;
  group.gone.erase(phone);
  afterwards = [this, id = group.id, phone] {
    notify_joined(world_.groups.at(id), phone, "invite", {phone});
  };
  return result.add(wire::Node("group").set("jid", group.jid()));
}

wire::Node GroupsOffice::requests(const Request& request) {
  const Group& group = request.group;
  if (!group.is_admin(request.phone)) return iq_error(request.iq, 403, "forbidden");
  wire::Node list("membership_approval_requests"), result = iq_result(request.iq);
  for (const auto& [phone, asked] : group.requests) {
    wire::Node node = participant_node(world_, group, phone);
    node.tag = "membership_approval_request";
    node.set("request_method", asked.method).set("request_time", static_cast<std::uint64_t>(asked.time));
    list.add(std::move(node));
  }
  return result.set("from", group.jid()).add(std::move(list));
}

wire::Node GroupsOffice::decided(Group& group, bool approve, const wire::Jid& jid) {
  const Account* account = world_.account(jid.without_device());
  if (account == nullptr || group.requests.erase(account->phone) == 0) return result_of(group, jid, 404);
  if (approve) {
    group.members[account->phone] = GroupRank::member;
    group.gone.erase(account->phone);
  }
  return result_of(group, jid, 0);
}

wire::Node GroupsOffice::decide(const Request& request) {
  Group& group = request.group;
  if (!group.is_admin(request.phone)) return iq_error(request.iq, 403, "forbidden");
  wire::Node answers(request.asked.tag), result = iq_result(request.iq);
  wire::Node rejected("revoked_membership_requests");
  std::vector<std::string> joined, refused;
  for (const auto& action : request.asked.children()) {
    const bool approve = action.tag == "approve";
    wire::Node list(action.tag);
    action.each("participant", [&](const wire::Node& participant) {
      const auto jid = participant.jid("jid");
      if (!jid) return;
      wire::Node answer = decided(group, approve, *jid);
      if (!answer.has("error")) {
        const std::string phone = world_.account(jid->without_device())->phone;
        if (!approve) rejected.add(participant_node(world_, group, phone));
        (approve ? joined : refused).push_back(phone);
      }
      list.add(std::move(answer));
    });
    answers.add(std::move(list));
  }
  request.afterwards = [this, id = group.id, actor = request.phone, joined, rejected, refused] {
    const Group& changed = world_.groups.at(id);
    if (!joined.empty()) notify_joined(changed, actor, {}, joined);
    if (!rejected.children().empty()) notify(changed, actor, rejected, refused);
  };
  return result.set("from", group.jid()).add(std::move(answers));
}

}  // namespace pigeond::sandbox
