// What must be true of every world once its troubles are over.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

// Appends "invariant: what was found" for each one that does not hold.
void check_invariants(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
