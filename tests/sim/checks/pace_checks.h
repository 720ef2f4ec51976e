// First messages to people who never wrote keep their pace.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_pace(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
