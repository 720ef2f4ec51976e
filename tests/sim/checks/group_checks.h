// Invariants of groups: whoever is in one when something is said there gets it, once; votes, edits and
// deletions are those of the message that they name; and each gateway knows who is in it.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_groups(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
