#include "sandbox/groups/groups_office.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/groups/group_nodes.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kMembers = 1025;  // of one group

wire::Node created_node(const World& world, const Group& group, const std::string& key) {
  wire::Node node("create");
  node.set("type", "new").set("key", key);
  return node.add(group_node(world, group));
}

}  // namespace

GroupsOffice::GroupsOffice(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {
  answers_["query"] = &GroupsOffice::query;
  answers_["invite"] = &GroupsOffice::invite;
  answers_["subject"] = &GroupsOffice::subject;
  answers_["description"] = &GroupsOffice::description;
  for (const char* tag : {"locked", "unlocked", "announcement", "not_announcement", "member_add_mode",
                          "membership_approval_mode"})
    answers_[tag] = &GroupsOffice::setting;
  for (const char* tag : {"ephemeral", "not_ephemeral"}) answers_[tag] = &GroupsOffice::ephemeral;
  for (const char* tag : {"add", "remove", "promote", "demote"}) answers_[tag] = &GroupsOffice::members;
  answers_["membership_approval_requests"] = &GroupsOffice::requests;
  answers_["membership_requests_action"] = &GroupsOffice::decide;
}

// Not a member: 403; no such group: 404 (whatsmeow's ErrNotInGroup, ErrGroupNotFound).
wire::Node GroupsOffice::answer(const DeviceRef& from, const wire::Node& iq,
                                std::function<void()>& afterwards) {
  const auto to = iq.jid("to");
  if (!to || !to->is_group() || iq.children().empty()) {
    world_.violation("iq-malformed", &from, "a request to groups needs a group or g.us, and a child", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  const wire::Node& asked = iq.children().front();
  if (to->user.empty()) {
    if (asked.tag == "participating") return participating(from, iq);
    if (asked.tag == "create") return create(from, iq, afterwards);
    if (asked.tag == "leave") return leave(from, iq, afterwards);
    if (asked.tag == "invite") return iq.is("type", "get") ? preview(iq) : join(from, iq, afterwards);
  } else if (const auto known = answers_.find(asked.tag); known != answers_.end()) {
    const auto group = world_.groups.find(to->user);
    if (group == world_.groups.end()) return iq_error(iq, 404, "item-not-found");
    if (!group->second.has(from.phone)) return iq_error(iq, 403, "forbidden");
    return (this->*known->second)({from.phone, group->second, iq, asked, afterwards});
  }
  world_.trace.mark_unsupported();
  return iq_error(iq, 501, "feature-not-implemented");
}

wire::Node GroupsOffice::notification(const Group& group, const std::string& actor,
                                      const wire::Node& change) {
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
  return note;
}

void GroupsOffice::tell(const std::string& phone, const wire::Node& note) {
  const Account* account = world_.account(phone);
  if (account == nullptr) return;
  for (const auto& [number, device] : account->devices)
    if (number != 0) mailroom_.deliver({phone, number}, note);
}

void GroupsOffice::notify(const Group& group, const std::string& actor, const wire::Node& change,
                          const std::vector<std::string>& also) {
  const wire::Node note = notification(group, actor, change);
  for (const auto& [phone, rank] : group.members) tell(phone, note);
  for (const auto& phone : also)
    if (!group.has(phone)) tell(phone, note);
}

// Of links and of who asks to join admins alone hear (whatsapp-rust wacore/src/stanza/groups.rs:
// "admin-side").
void GroupsOffice::notify_admins(const Group& group, const std::string& actor, const wire::Node& change) {
  const wire::Node note = notification(group, actor, change);
  for (const auto& [phone, rank] : group.members)
    if (rank != GroupRank::member) tell(phone, note);
}

// The answer; and then the members are told of `change`.
wire::Node GroupsOffice::changed(const Request& request, wire::Node change) {
  request.afterwards = [this, id = request.group.id, actor = request.phone, change = std::move(change)] {
    notify(world_.groups.at(id), actor, change);
  };
  wire::Node result = iq_result(request.iq);
  return result.set("from", request.group.jid());
}

std::string GroupsOffice::new_code() {
  return base64url(world_.random.bytes(15));  // 20 characters
}

// Who is new is told the whole group (whatsmeow's JoinedGroup), the others who is new.
void GroupsOffice::notify_joined(const Group& group, const std::string& actor, const std::string& reason,
                                 const std::vector<std::string>& joined) {
  wire::Node added("add"), whole("create");
  added.set("reason", reason);
  for (const auto& phone : joined) added.add(participant_node(world_, group, phone));
  whole.set("reason", reason).add(group_node(world_, group));
  const wire::Node to_others = notification(group, actor, added), to_new = notification(group, actor, whole);
  for (const auto& [phone, rank] : group.members)
    tell(phone, std::count(joined.begin(), joined.end(), phone) > 0 ? to_new : to_others);
}

// --- groups come and go ---

Group& GroupsOffice::found(const NewGroup& wanted) {
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
  group.invite_code = new_code();
  for (const auto& phone : wanted.members) group.members[phone] = GroupRank::member;
  group.members[wanted.creator] = GroupRank::owner;
  return group;
}

Result<std::string> GroupsOffice::create(const NewGroup& wanted) {
  if (world_.account(wanted.creator) == nullptr) return fail(Cause::not_found, "creator");
  for (const auto& phone : wanted.members)
    if (world_.account(phone) == nullptr) return fail(Cause::not_found, "participants: " + phone);
  const Group& group = found(wanted);
  notify(group, group.creator, created_node(world_, group, {}));
  return group.id;
}

// Who can't be added is in the answer with his error, not in the group. New groups go by LID.
wire::Node GroupsOffice::create(const DeviceRef& from, const wire::Node& iq,
                                std::function<void()>& afterwards) {
  const wire::Node& asked = *iq.child("create");
  NewGroup wanted;
  wanted.creator = from.phone;
  wanted.subject = asked.attr("subject");
  if (wanted.subject.empty() || characters(wanted.subject) > kSubject)
    return iq_error(iq, 406, "not-acceptable");
  if (const auto* mode = asked.child("member_add_mode")) wanted.admins_add = mode->text() == "admin_add";
  if (const auto* join = asked.path({"membership_approval_mode", "group_join"}))
    wanted.approval = join->is("state", "on");
  if (const auto* timer = asked.child("ephemeral"))
    wanted.ephemeral = static_cast<std::int64_t>(timer->number("expiration").value_or(0));
  wanted.announce = asked.child("announcement") != nullptr;
  wanted.locked = asked.child("locked") != nullptr;
  Group& group = found(wanted);
  std::vector<wire::Node> refused;
  asked.each("participant", [&](const wire::Node& participant) {
    const auto jid = participant.jid("jid");
    if (!jid) return;
    wire::Node result = add(group, *jid);
    const Account* account = world_.account(jid->without_device());
    const bool own = account != nullptr && account->phone == from.phone;
    if (result.has("error") && !own) refused.push_back(std::move(result));
  });
  wire::Node told = group_node(world_, group), result = iq_result(iq);
  for (auto& each : refused) told.add(std::move(each));
  afterwards = [this, id = group.id, key = asked.attr("key")] {
    const Group& made = world_.groups.at(id);
    notify(made, made.creator, created_node(world_, made, key));
  };
  return result.set("from", iq.jid("to").value()).add(std::move(told));
}

wire::Node GroupsOffice::leave(const DeviceRef& from, const wire::Node& iq,
                               std::function<void()>& afterwards) {
  wire::Node left("leave"), result = iq_result(iq);
  std::vector<std::string> ids;
  iq.child("leave")->each("group", [&](const wire::Node& each) {
    const auto jid = each.jid("id");
    const auto group = jid ? world_.groups.find(jid->user) : world_.groups.end();
    wire::Node answer("group");
    if (jid) answer.set("id", *jid);
    if (group == world_.groups.end() || !group->second.has(from.phone)) {
      answer.set("error", group == world_.groups.end() ? "404" : "403");
    } else {
      group->second.members.erase(from.phone);
      group->second.gone.insert(from.phone);
      ids.push_back(jid->user);
    }
    left.add(std::move(answer));
  });
  afterwards = [this, ids, phone = from.phone] {
    for (const auto& id : ids) {
      const Group& group = world_.groups.at(id);
      wire::Node change("leave");
      change.add(participant_node(world_, group, phone));
      notify(group, phone, change, {phone});
    }
  };
  return result.set("from", iq.jid("to").value()).add(std::move(left));
}

wire::Node GroupsOffice::participating(const DeviceRef& from, const wire::Node& iq) const {
  wire::Node groups("groups"), result = iq_result(iq);
  for (const auto& [id, group] : world_.groups)
    if (group.has(from.phone)) groups.add(group_node(world_, group));
  return result.set("from", iq.jid("to").value()).add(std::move(groups));
}

wire::Node GroupsOffice::query(const Request& request) {
  wire::Node result = iq_result(request.iq);
  return result.set("from", request.group.jid()).add(group_node(world_, request.group));
}

// --- members ---

wire::Node GroupsOffice::result_of(const Group& group, const wire::Jid& jid, int error) const {
  const Account* account = world_.account(jid.without_device());
  wire::Node node = account != nullptr ? participant_node(world_, group, account->phone)
                                       : wire::Node("participant").set("jid", jid);
  if (error != 0) node.set("error", static_cast<std::uint64_t>(error));
  return node;
}

// 403 and 408 (he has left it by himself) come with what an invitation is made of.
wire::Node GroupsOffice::add(Group& group, const wire::Jid& jid) {
  const Account* account = world_.account(jid.without_device());
  if (account == nullptr) return result_of(group, jid, 404);
  if (group.has(account->phone)) return result_of(group, jid, 409);
  if (group.members.size() >= kMembers) return result_of(group, jid, 419);
  const bool left = group.gone.contains(account->phone);
  const auto adding = account->privacy.find("groupadd");
  if (left || (adding != account->privacy.end() && adding->second == "none")) {
    wire::Node node = result_of(group, jid, left ? 408 : 403), offer("add_request");
    offer.set("code", new_code());
    offer.set("expiration", static_cast<std::uint64_t>(world_.now.unix_seconds() + 3 * 86400));
    return node.add(std::move(offer));
  }
  group.members[account->phone] = GroupRank::member;
  group.removed.erase(account->phone);
  group.requests.erase(account->phone);
  return result_of(group, jid, 0);
}

// Nobody else removes or demotes who made the group.
wire::Node GroupsOffice::change(Group& group, const std::string& tag, const wire::Jid& jid) {
  const Account* account = world_.account(jid.without_device());
  const auto member = account != nullptr ? group.members.find(account->phone) : group.members.end();
  if (member == group.members.end()) return result_of(group, jid, 404);
  if (tag == "promote") {
    member->second = std::max(member->second, GroupRank::admin);
  } else if (member->second == GroupRank::owner) {
    return result_of(group, jid, 406);
  } else if (tag == "demote") {
    member->second = GroupRank::member;
  } else {
    wire::Node node = result_of(group, jid, 0);
    group.removed.insert(member->first);
    group.members.erase(member);
    return node;
  }
  return result_of(group, jid, 0);
}

wire::Node GroupsOffice::members(const Request& request) {
  const std::string& tag = request.asked.tag;
  Group& group = request.group;
  const bool any_member = tag == "add" && !group.admins_add;
  if (!any_member && !group.is_admin(request.phone)) return iq_error(request.iq, 403, "forbidden");
  // It becomes a request (whatsapp-rust's MembershipRequestMethod::NonAdminAdd); how that is answered is not
  // known.
  if (tag == "add" && group.approval && !group.is_admin(request.phone)) {
    world_.trace.mark_unsupported();
    return iq_error(request.iq, 501, "feature-not-implemented");
  }
  wire::Node answers(tag), changed(tag), result = iq_result(request.iq);
  std::vector<std::string> moved;
  request.asked.each("participant", [&](const wire::Node& participant) {
    const auto jid = participant.jid("jid");
    if (!jid) return;
    wire::Node answer = tag == "add" ? add(group, *jid) : change(group, tag, *jid);
    if (!answer.has("error")) {
      const Account* account = world_.account(jid->without_device());
      moved.push_back(account->phone);
      changed.add(participant_node(world_, group, account->phone));
    }
    answers.add(std::move(answer));
  });
  if (!moved.empty())
    request.afterwards = [this, id = group.id, actor = request.phone, changed, moved] {
      if (changed.tag == "add") return notify_joined(world_.groups.at(id), actor, {}, moved);
      notify(world_.groups.at(id), actor, changed, moved);
    };
  return result.set("from", group.jid()).add(std::move(answers));
}

}  // namespace pigeond::sandbox
