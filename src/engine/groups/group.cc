#include "engine/groups/group.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::engine {
namespace {

// What can't be shown is not there: a group whose subject makes no sense can be written to all the same.
std::string text_of(std::string text) {
  return text.size() <= kGroupText && is_valid_utf8(text) ? std::move(text) : std::string();
}

wire::Jid user_of(const wire::Node& node, const char* name) {
  const auto jid = node.jid(name);
  return jid && (jid->is_user() || jid->is_hosted()) ? jid->without_device() : wire::Jid{};
}

std::int64_t time_of(const wire::Node& node, const char* name) {
  constexpr std::uint64_t kLast = std::uint64_t{1} << 40;  // unix seconds
  const auto seconds = node.number(name);
  return seconds && *seconds <= kLast ? static_cast<std::int64_t>(*seconds) : 0;
}

Rank rank_of(const wire::Node& participant) {
  if (participant.is("type", "superadmin")) return Rank::owner;
  return participant.is("type", "admin") ? Rank::admin : Rank::member;
}

bool is_on(const wire::Node& approval_mode) {
  const auto* join = approval_mode.child("group_join");
  return join != nullptr && join->is("state", "on");
}

// The user part alone stands there in most places.
wire::Jid group_jid(const wire::Node& group) {
  if (const auto jid = group.jid("id"); jid && jid->is_group() && !jid->user.empty()) return *jid;
  const std::string id = group.attr("id");
  const bool sound =
      !id.empty() && id.size() <= kGroupId && id.front() >= '0' && id.front() <= '9' &&
      std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
  return sound ? wire::Jid{id, wire::server::kGroup} : wire::Jid{};
}

void read_child(const wire::Node& child, store::GroupRow& facts) {
  if (child.tag == "description") {
    facts.description_id = text_of(child.attr("id"));
    facts.description_at = time_of(child, "t");
    facts.description_by = user_of(child, "participant");
    if (const auto* body = child.child("body")) facts.description = text_of(body->text());
  } else if (child.tag == "announcement") {
    facts.announce = true;
  } else if (child.tag == "locked") {
    facts.locked = true;
  } else if (child.tag == "ephemeral") {
    facts.ephemeral = time_of(child, "expiration");
  } else if (child.tag == "member_add_mode") {
    facts.admins_add = child.text() == "admin_add";
  } else if (child.tag == "membership_approval_mode") {
    facts.approval = is_on(child);
  } else if (child.tag == "parent") {
    facts.community = true;
  } else if (child.tag == "linked_parent") {
    const auto parent = child.jid("jid");
    if (parent && parent->is_group()) facts.parent = *parent;
  } else if (child.tag == "default_sub_group") {
    facts.default_part = true;
  }
}

}  // namespace

const GroupMember* Group::find(const wire::Jid& user) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const GroupMember& member) {
    return member.jid.same_user(user) || (!member.other.empty() && member.other.same_user(user));
  });
  return found == members.end() ? nullptr : &*found;
}

std::optional<GroupMember> parse_member(const wire::Node& participant, Addressing addressing) {
  GroupMember member{user_of(participant, "jid"), {}, rank_of(participant)};
  if (member.jid.empty()) return std::nullopt;
  member.other = user_of(participant, member.jid.is_lid() ? "phone_number" : "lid");
  if (member.other.is_lid() == member.jid.is_lid()) member.other = {};
  const bool other_form = member.jid.is_lid() != (addressing == Addressing::lid);
  if (other_form && !member.other.empty()) std::swap(member.jid, member.other);
  return member;
}

std::string join_method(const wire::Node& request) {
  std::string method = request.attr("request_method");
  const bool known = method == "invite_link" || method == "linked_group_join" || method == "non_admin_add";
  return known ? method : std::string();
}

Result<std::vector<GroupMember>> parse_members(const wire::Node& parent, Addressing addressing) {
  std::vector<GroupMember> members;
  std::size_t seen = 0;
  for (const auto& child : parent.children()) {
    if (child.tag != "participant") continue;
    if (++seen > kGroupMembers)
      return fail(Cause::too_large, "a group of more than " + std::to_string(kGroupMembers) + " members");
    if (auto member = parse_member(child, addressing)) members.push_back(std::move(*member));
  }
  return members;
}

Result<Group> parse_group(const wire::Node& node) {
  Group group;
  group.facts.jid = group_jid(node);
  if (group.facts.jid.empty()) return fail(Cause::malformed, "a group without an id");
  group.facts.addressing = node.is("addressing_mode", "lid") ? Addressing::lid : Addressing::pn;
  group.facts.subject = text_of(node.attr("subject"));
  group.facts.subject_at = time_of(node, "s_t");
  group.facts.subject_by = user_of(node, "s_o");
  group.facts.created = time_of(node, "creation");
  group.facts.creator = user_of(node, "creator");
  for (const auto& child : node.children()) read_child(child, group.facts);
  PIGEOND_TRY(group.members, parse_members(node, group.facts.addressing));
  return group;
}

Result<std::optional<GroupChange>> parse_change(const wire::Node& action, Addressing addressing) {
  using Kind = GroupChange::Kind;
  GroupChange change;
  const std::string& tag = action.tag;
  change.reason = text_of(action.attr("reason"));
  const auto with_members = [&](Kind kind) -> Result<std::optional<GroupChange>> {
    change.kind = kind;
    PIGEOND_TRY(change.members, parse_members(action, addressing));
    return std::optional(std::move(change));
  };
  if (tag == "add") return with_members(Kind::joined);
  if (tag == "remove" || tag == "leave") return with_members(Kind::left);
  if (tag == "promote") return with_members(Kind::promoted);
  if (tag == "demote") return with_members(Kind::demoted);
  if (tag == "create") {
    const auto* group = action.child("group");
    if (group == nullptr) return fail(Cause::malformed, "a new group that is not described");
    change.kind = Kind::created;
    PIGEOND_TRY(change.whole, parse_group(*group));
    return std::optional(std::move(change));
  }
  if (tag == "delete") {
    change.kind = Kind::gone;
    return std::optional(std::move(change));
  }
  if (tag == "modify" || tag == "change_number" || tag == "link" || tag == "unlink")
    return std::optional(std::move(change));

  change.kind = Kind::facts;
  if (tag == "subject") {
    change.subject = text_of(action.attr("subject"));
  } else if (tag == "description") {
    const auto* body = action.child("body");
    change.description = body != nullptr ? text_of(body->text()) : std::string();
    change.description_id = action.child("delete") != nullptr ? std::string() : text_of(action.attr("id"));
  } else if (tag == "announcement" || tag == "not_announcement") {
    change.announce = tag == "announcement";
  } else if (tag == "locked" || tag == "unlocked") {
    change.locked = tag == "locked";
  } else if (tag == "ephemeral" || tag == "not_ephemeral") {
    change.ephemeral = tag == "ephemeral" ? time_of(action, "expiration") : 0;
  } else if (tag == "member_add_mode") {
    change.admins_add = action.text() == "admin_add";
  } else if (tag == "membership_approval_mode") {
    change.approval = is_on(action);
  } else if (tag == "invite") {
    change.invite = text_of(action.attr("code"));
  } else {
    return std::optional<GroupChange>();
  }
  return std::optional(std::move(change));
}

void apply_facts(const GroupChange& change, const wire::Jid& by, std::int64_t at, store::GroupRow& facts) {
  if (change.subject) {
    facts.subject = *change.subject;
    facts.subject_by = by;
    facts.subject_at = at;
  }
  if (change.description) {
    facts.description = *change.description;
    facts.description_id = change.description_id.value_or("");
    facts.description_by = by;
    facts.description_at = at;
  }
  facts.announce = change.announce.value_or(facts.announce);
  facts.locked = change.locked.value_or(facts.locked);
  facts.admins_add = change.admins_add.value_or(facts.admins_add);
  facts.approval = change.approval.value_or(facts.approval);
  facts.ephemeral = change.ephemeral.value_or(facts.ephemeral);
}

}  // namespace pigeond::engine
