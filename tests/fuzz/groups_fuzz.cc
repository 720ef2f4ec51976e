// Groups as strangers may describe them, and what they say has changed: a group within its limits, or an
// error. What is parsed can be applied.
#include <cstdlib>

#include "engine/groups/group.h"
#include "wire/codec.h"

namespace {

using pigeond::engine::Addressing;

void check(const pigeond::engine::Group& group) {
  if (group.facts.jid.empty() || group.members.size() > pigeond::engine::kGroupMembers) std::abort();
  if (group.facts.subject.size() > pigeond::engine::kGroupText) std::abort();
  if (group.facts.description.size() > pigeond::engine::kGroupText) std::abort();
  for (const auto& member : group.members)
    if (member.jid.empty()) std::abort();
  if (!group.members.empty() && group.find(group.members.back().jid) == nullptr) std::abort();
}

void walk(const pigeond::wire::Node& node, int depth) {
  if (const auto group = pigeond::engine::parse_group(node)) check(*group);
  for (const auto addressing : {Addressing::pn, Addressing::lid}) {
    const auto change = pigeond::engine::parse_change(node, addressing);
    if (!change || !*change) continue;
    if ((*change)->whole) check(*(*change)->whole);
    pigeond::store::GroupRow facts;
    apply_facts(**change, pigeond::wire::pn("49151"), 1, facts);
    if (facts.subject.size() > pigeond::engine::kGroupText) std::abort();
  }
  if (depth < 3)
    for (const auto& child : node.children()) walk(child, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto node = pigeond::wire::decode({data, size})) walk(*node, 0);
  return 0;
}
