#include "engine/messages/groups/roster.h"

#include <algorithm>

#include "engine/messages/out/phash.h"

namespace pigeond::engine {

std::string Roster::phash() const {
  std::vector<wire::Jid> all = others;
  all.insert(all.end(), own.begin(), own.end());
  all.push_back(self);
  return participant_hash(all);
}

wire::Jid self_in(const Desk& desk, const Group& group) {
  const auto& credentials = desk.context.credentials;
  const bool by_lid = group.facts.addressing == Addressing::lid && !credentials.lid.empty();
  return by_lid ? credentials.lid : credentials.pn;
}

Roster roster_of(Desk& desk, const Group& group) {
  Roster roster;
  roster.self = self_in(desk, group);
  const auto add = [&](const wire::Jid& user, const wire::Jid& asked, std::vector<wire::Jid>& list) {
    const auto devices = desk.devices.devices(user);
    if (!devices) return roster.unlisted.push_back(asked);
    for (const auto& device : *devices)
      if (!device.is_hosted() && !desk.lids.is_this_device(device)) list.push_back(device);
  };
  // Our own are asked for by number, as in direct chats.
  add(roster.self.without_device(), desk.context.credentials.pn.without_device(), roster.own);
  for (const auto& member : group.members)
    if (!desk.lids.is_own(member.jid)) add(member.jid, member.jid, roster.others);
  return roster;
}

std::int64_t others_in(const Desk& desk, const Group& group) {
  return std::count_if(group.members.begin(), group.members.end(),
                       [&](const GroupMember& member) { return !desk.lids.is_own(member.jid); });
}

}  // namespace pigeond::engine
