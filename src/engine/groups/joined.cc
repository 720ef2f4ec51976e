#include "engine/groups/joined.h"

#include <set>

#include "base/log.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

void take(Desk& desk, const wire::Node& groups) {
  std::set<wire::Jid> told;
  LidDirectory::Pairs pairs;
  for (const auto& node : groups.children()) {
    if (node.tag != "group" || node.has("error")) continue;
    auto group = parse_group(node);
    if (!group) {
      log::warning("group", {{"session", desk.context.session_name}, {"why", group.error().detail}});
      continue;
    }
    told.insert(group->facts.jid);
    // Communities are listed without members by some; who is in them is asked for when it matters.
    const bool whole = !group->members.empty();
    const wire::Jid jid = group->facts.jid;
    desk.groups.learn_listed(std::move(*group), pairs);
    if (!whole) desk.groups.doubt(jid);
  }
  desk.lids.learn_many(pairs);
  for (const auto& row : store::Groups(desk.context.database, desk.context.session).present())
    if (!told.contains(row.jid)) desk.groups.left(row.jid);
}

}  // namespace

// <participating><participants/><description/></participating>, as whatsmeow and Baileys ask.
void ask_joined_groups(Desk& desk, bool again, Answered<bool> answered) {
  if (!again && desk.groups.listed()) return answered(false);
  wire::Node participating("participating");
  participating.add(wire::Node("participants")).add(wire::Node("description"));
  desk.query(group_iq("get", {}, std::move(participating)),
             [&desk, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(answer.error());
               const auto* groups = answer->child("groups");
               if (groups == nullptr) return answered(fail(Cause::malformed, "an answer without groups"));
               take(desk, *groups);
               desk.groups.set_listed();
               answered(true);
             });
}

}  // namespace pigeond::engine
