// What sessions said of themselves while their sends failed, and what was done about it.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_health(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
