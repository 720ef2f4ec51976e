// Whether sessions ended in what was asked of them, whether each accepted message was told an outcome, and
// whether what one account breaks stays its own.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_lives(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
