// Streams of events: in order, nothing twice, and nothing missing that was not said to be.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_streams(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
