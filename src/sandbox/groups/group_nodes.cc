#include "sandbox/groups/group_nodes.h"

namespace pigeond::sandbox {
namespace {

std::uint64_t unsigned_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// An account's address in the group's form under `name`, and its number under `name`_pn beside a LID.
void set_user(wire::Node& node, const std::string& name, const World& world, const Group& group,
              const std::string& phone) {
  const auto account = world.accounts.find(phone);
  if (account == world.accounts.end()) return;
  node.set(name, account->second.jid(group.addressing));
  if (group.addressing == Form::lid && !account->second.hides_number)
    node.set(name + "_pn", account->second.jid(Form::pn));
}

wire::Node description_node(const World& world, const Group& group) {
  wire::Node node("description");
  node.set("id", group.description_id).set("t", unsigned_of(group.description_at));
  set_user(node, "participant", world, group, group.description_by);
  return node.add(wire::Node("body").body(as_bytes(group.description)));
}

}  // namespace

wire::Node participant_node(const World& world, const Group& group, const std::string& phone) {
  wire::Node node("participant");
  const auto account = world.accounts.find(phone);
  if (account == world.accounts.end()) return node;
  const bool hidden = account->second.hides_number;
  const bool lid = group.addressing == Form::lid || hidden;
  node.set("jid", account->second.jid(lid ? Form::lid : Form::pn));
  if (hidden)
    node.set("display_name", "+" + phone.substr(0, 2) + "∙∙∙∙∙∙" + phone.substr(phone.size() - 2));
  else
    node.set(lid ? "phone_number" : "lid", account->second.jid(lid ? Form::pn : Form::lid));
  const auto member = group.members.find(phone);
  if (member != group.members.end() && member->second != GroupRank::member)
    node.set("type", member->second == GroupRank::owner ? "superadmin" : "admin");
  return node;
}

wire::Node group_node(const World& world, const Group& group, bool members) {
  wire::Node node("group");
  node.set("id", group.id).set("addressing_mode", group.addressing == Form::lid ? "lid" : "pn");
  node.set("subject", group.subject).set("s_t", unsigned_of(group.subject_at));
  set_user(node, "s_o", world, group, group.subject_by);
  node.set("creation", unsigned_of(group.created)).set("size", group.members.size());
  set_user(node, "creator", world, group, group.creator);
  if (!group.description_id.empty()) node.add(description_node(world, group));
  if (group.announce) node.add(wire::Node("announcement"));
  if (group.locked) node.add(wire::Node("locked"));
  if (group.ephemeral > 0) node.add(wire::Node("ephemeral").set("expiration", unsigned_of(group.ephemeral)));
  node.add(wire::Node("member_add_mode")
               .body(as_bytes(std::string_view(group.admins_add ? "admin_add" : "all_member_add"))));
  node.add(wire::Node("membership_approval_mode")
               .add(wire::Node("group_join").set("state", group.approval ? "on" : "off")));
  if (members)
    for (const auto& [phone, rank] : group.members) node.add(participant_node(world, group, phone));
  return node;
}

std::size_t characters(const std::string& utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace pigeond::sandbox
