#include "sandbox/groups/groups_office.h"

#include "base/text.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/groups/group_nodes.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kCodeBytes = 15;  // of a link: 20 characters

}  // namespace

Result<std::string> GroupsOffice::create(const NewGroup& wanted) {
  if (world_.account(wanted.creator) == nullptr) return fail(Cause::not_found, "creator");
  for (const auto& phone : wanted.members)
    if (world_.account(phone) == nullptr) return fail(Cause::not_found, "participants: " + phone);
  std::string id;
  do id = "1203630" + std::to_string(10'000'000'000 + world_.random.below(89'999'999'999));
  while (world_.groups.contains(id));
  Group& group = world_.groups[id];
  group.id = id;
  group.addressing = wanted.addressing;
  group.subject = wanted.subject;
  group.creator = group.subject_by = wanted.creator;
  group.created = group.subject_at = world_.now.unix_seconds();
  group.announce = wanted.announce;
  group.locked = wanted.locked;
  group.admins_add = wanted.admins_add;
  group.approval = wanted.approval;
  group.ephemeral = wanted.ephemeral;
  group.invite_code = base64url(world_.random.bytes(kCodeBytes));
  for (const auto& phone : wanted.members) group.members[phone] = GroupRank::member;
  group.members[wanted.creator] = GroupRank::owner;
  tell_created(group);
  return id;
}

void GroupsOffice::tell_created(const Group& group) {
  wire::Node created("create");
  created.set("type", "new").add(group_node(world_, group));
  notify(group, group.creator, created);
}

void GroupsOffice::notify(const Group& group, const std::string& actor, const wire::Node& change,
                          const std::string& also) {
  wire::Node note("notification");
  note.set("from", group.jid()).set("type", "w:gp2").set("id", world_.next_id());
  note.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  if (const Account* account = world_.account(actor)) {
    note.set("participant", account->jid(group.addressing));
    if (group.addressing == Form::lid && !account->hides_number)
      note.set("participant_pn", account->jid(Form::pn));
    note.set("notify", account->name);
  }
  note.set("addressing_mode", group.addressing == Form::lid ? "lid" : "pn").add(change);
  const auto tell = [&](const std::string& phone) {
    const Account* account = world_.account(phone);
    if (account == nullptr) return;
    for (const auto& [number, device] : account->devices)
      if (number != 0) mailroom_.deliver({phone, number}, note);
  };
  for (const auto& [phone, rank] : group.members) tell(phone);
  if (!also.empty() && !group.has(also)) tell(also);
}

wire::Node GroupsOffice::answer(const DeviceRef& from, const wire::Node& iq) {
  if (iq.child("participating") != nullptr) return participating(from, iq);
  const auto to = iq.jid("to");
  if (iq.child("query") != nullptr && to && to->is_group()) {
    const auto group = world_.groups.find(to->user);
    if (group == world_.groups.end()) return iq_error(iq, 404, "item-not-found");
    if (!group->second.has(from.phone)) return iq_error(iq, 403, "forbidden");
    wire::Node result = iq_result(iq);
    return result.set("from", *to).add(group_node(world_, group->second));
  }
  world_.trace.mark_unsupported();
  return iq_error(iq, 501, "feature-not-implemented");
}

wire::Node GroupsOffice::participating(const DeviceRef& from, const wire::Node& iq) const {
  wire::Node groups("groups"), result = iq_result(iq);
  for (const auto& [id, group] : world_.groups)
    if (group.has(from.phone)) groups.add(group_node(world_, group));
  return result.set("from", wire::Jid{"", wire::server::kGroup}).add(std::move(groups));
}

}  // namespace pigeond::sandbox
