#include "checks/life_checks.h"

#include <algorithm>

#include "world.h"

namespace pigeond::sim {
namespace {

bool has(World& world, Action::Kind kind) {
  const auto& actions = world.plan().actions;
  return std::any_of(actions.begin(), actions.end(),
                     [kind](const Action& action) { return action.kind == kind; });
}

// Of what a process told before it died, this ledger may not have heard.
bool remembers(World& world) {
  const auto& ledger = world.ledger();
  return ledger.kills + ledger.power_cuts == 0 && !world.plan().set_back && !has(world, Action::Kind::disk);
}

void check_outcomes(World& world, std::vector<std::string>& broken) {
  if (!remembers(world)) return;
  for (const auto& text : world.ledger().texts) {
    if (text.by_phone || !text.accepted || text.id.empty()) continue;
    const auto& told = world.ledger().acks[text.from + "-" + std::to_string(text.engine)];
    const auto found = told.find(text.id);
    if (found == told.end()) {
      broken.push_back("outcome: '" + text.body + "' (" + text.id +
                       ") was accepted, and nobody was told its end");
      continue;
    }
    const auto ends = std::count(found->second.begin(), found->second.end(), -1);
    if (ends > std::max(1, text.requests))
      broken.push_back("outcome: '" + text.body + "' (" + text.id + ") was told to have failed " +
                       std::to_string(ends) + " times");
  }
}

// Nothing else goes wrong: whoever was not poisoned has nothing to tell of itself.
void check_neighbours(World& world, std::vector<std::string>& broken) {
  if (!world.plan().poison_alone) return;
  const auto& ledger = world.ledger();
  for (const auto& [session, statuses] : ledger.statuses) {
    const auto poisoned = ledger.poisoned.find(session);
    for (const auto& [wall, status] : statuses) {
      if (wall < ledger.begun || wall > ledger.healed) continue;
      if (poisoned == ledger.poisoned.end() && status != "working")
        broken.push_back("neighbour: " + session + " is " + status + ", and nothing is wrong with it");
    }
  }
  for (const auto& text : ledger.texts)
    if (text.storage_refusals > 0 && !ledger.poisoned.contains(text.from + "-" + std::to_string(text.engine)))
      broken.push_back("neighbour: '" + text.body + "' was refused for what another account broke");
}

}  // namespace

void check_lives(World& world, std::vector<std::string>& broken) {
  check_outcomes(world, broken);
  check_neighbours(world, broken);
}

}  // namespace pigeond::sim
