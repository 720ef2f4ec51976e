#include "engine/groups/notifications.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/groups/group_event.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

using Kind = GroupChange::Kind;
using What = GroupEvent::What;

// Who did what, when: what all children of a notification share.
struct Occasion {
  wire::Jid group, by, by_other;
  std::int64_t at = 0;
  Addressing addressing = Addressing::pn;
};

Occasion read_occasion(Desk& desk, const wire::Node& notification, const wire::Jid& group) {
  Occasion occasion;
  occasion.group = group;
  occasion.at = static_cast<std::int64_t>(notification.number("t").value_or(0));
  if (occasion.at <= 0) occasion.at = desk.context.server_seconds();
  const auto known = desk.groups.last_known(group);
  if (notification.has("addressing_mode"))
    occasion.addressing = notification.is("addressing_mode", "lid") ? Addressing::lid : Addressing::pn;
  else if (known)
    occasion.addressing = known->facts.addressing;
  const auto by = notification.jid("participant");
  if (!by || !by->is_user()) return occasion;
  occasion.by = by->without_device();
  const auto other = notification.jid(by->is_lid() ? "participant_pn" : "participant_lid");
  occasion.by_other = other && other->is_user() ? other->without_device()
                      : by->is_lid()            ? desk.lids.pn(occasion.by)
                                                : desk.lids.lid(occasion.by);
  return occasion;
}

GroupEvent event_of(const Occasion& occasion, What what) {
  GroupEvent event;
  event.what = what;
  event.group = occasion.group;
  event.timestamp = occasion.at;
  event.by = occasion.by;
  event.by_other = occasion.by_other;
  return event;
}

void set_members(Desk& desk, GroupEvent& event, std::vector<GroupMember> members) {
  if (members.size() > GroupEvent::kMembers) {
    event.more = members.size() - GroupEvent::kMembers;
    members.resize(GroupEvent::kMembers);
  }
  for (auto& member : members)
    if (member.other.empty()) member.other = desk.lids.other(member.jid);
  event.members = std::move(members);
}

void tell_entered(Desk& desk, const Occasion& occasion, const std::string& reason) {
  GroupEvent event = event_of(occasion, What::entered);
  event.reason = reason;
  const auto known = desk.groups.last_known(occasion.group);
  if (known) {
    event.subject = known->facts.subject;
    event.description = known->facts.description;
    event.announce = known->facts.announce;
    event.locked = known->facts.locked;
    event.admins_add = known->facts.admins_add;
    event.approval = known->facts.approval;
    event.ephemeral = known->facts.ephemeral;
    set_members(desk, event, known->members);
  }
  desk.context.emit(std::move(event));
}

What what_of(Kind kind) {
  switch (kind) {
    case Kind::joined:
      return What::joined;
    case Kind::left:
      return What::left;
    case Kind::promoted:
      return What::promoted;
    case Kind::demoted:
      return What::demoted;
    default:
      return What::changed;
  }
}

// That the account itself has come or gone is an event of its own, beside that of the others.
void tell_members(Desk& desk, const Occasion& occasion, const GroupChange& change) {
  const auto own = [&](const GroupMember& member) {
    return desk.lids.is_own(member.jid) || (!member.other.empty() && desk.lids.is_own(member.other));
  };
  auto others = change.members;
  const bool moves = change.kind == Kind::joined || change.kind == Kind::left;
  if (moves && std::erase_if(others, own) > 0) {
    if (change.kind == Kind::joined)
      tell_entered(desk, occasion, change.reason);
    else
      desk.context.emit(event_of(occasion, What::departed));
  }
  if (others.empty()) return;
  GroupEvent event = event_of(occasion, what_of(change.kind));
  event.reason = change.reason;
  for (auto& member : others) {
    if (change.kind == Kind::promoted) member.rank = std::max(member.rank, Rank::admin);
    if (change.kind == Kind::demoted) member.rank = Rank::member;
  }
  set_members(desk, event, std::move(others));
  desk.context.emit(std::move(event));
}

void tell_facts(Desk& desk, const Occasion& occasion, const GroupChange& change) {
  GroupEvent event = event_of(occasion, What::changed);
  event.subject = change.subject;
  event.description = change.description;
  event.invite = change.invite;
  event.announce = change.announce;
  event.locked = change.locked;
  event.admins_add = change.admins_add;
  event.approval = change.approval;
  event.ephemeral = change.ephemeral;
  desk.context.emit(std::move(event));
}

void take_change(Desk& desk, const Occasion& occasion, const GroupChange& change) {
  desk.groups.apply(occasion.group, change, occasion.by, occasion.at);
  switch (change.kind) {
    case Kind::created:
      return tell_entered(desk, occasion, change.reason);
    case Kind::gone:
      return desk.context.emit(event_of(occasion, What::departed));
    case Kind::facts:
      return tell_facts(desk, occasion, change);
    case Kind::unsure:
      return;
    default:
      return tell_members(desk, occasion, change);
  }
}

// <created_membership_requests request_method><requested_user jid phone_number/>, and
// <revoked_membership_requests><participant/>: by himself, or by an admin.
bool take_request(Desk& desk, const Occasion& occasion, const wire::Node& action) {
  const bool created = action.tag == "created_membership_requests";
  if (!created && action.tag != "revoked_membership_requests") return false;
  std::vector<GroupMember> people;
  for (const auto& child : action.children()) {
    if (child.tag != (created ? "requested_user" : "participant")) continue;
    if (people.size() >= GroupEvent::kMembers) break;
    auto person = parse_member(child, occasion.addressing);
    if (!person) continue;
    desk.lids.learn(person->jid, person->other, LidDirectory::Seen::in_passing);
    people.push_back(std::move(*person));
  }
  if (people.empty()) return true;
  const std::string method = join_method(action);
  for (auto& person : people) {
    const bool by_himself =
        !occasion.by.empty() && (person.jid.same_user(occasion.by) || person.other.same_user(occasion.by));
    GroupEvent event = event_of(occasion, created      ? What::asked
                                          : by_himself ? What::revoked
                                                       : What::rejected);
    event.reason = method;
    set_members(desk, event, {std::move(person)});
    desk.context.emit(std::move(event));
  }
  return true;
}

}  // namespace

bool take_group_notification(Desk& desk, const wire::Node& notification) {
  const auto from = notification.jid("from");
  if (!notification.is("type", "w:gp2") || !from || !from->is_group()) return false;
  const Occasion occasion = read_occasion(desk, notification, *from);
  desk.lids.learn(occasion.by, occasion.by_other, LidDirectory::Seen::in_passing);
  const auto known = desk.groups.last_known(*from);
  if (known && known->facts.addressing != occasion.addressing) desk.groups.doubt(*from);
  for (const auto& action : notification.children()) {
    if (take_request(desk, occasion, action)) continue;
    auto change = parse_change(action, occasion.addressing);
    if (!change) {
      log::warning(
          "group_change",
          {{"session", desk.context.session_name}, {"group", from->text()}, {"why", change.error().detail}});
      desk.groups.doubt(*from);
    } else if (*change && (!(*change)->whole || (*change)->whole->facts.jid == *from)) {
      take_change(desk, occasion, **change);
    }
  }
  return true;
}

}  // namespace pigeond::engine
