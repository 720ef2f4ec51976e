// Webhooks: at least once, and in order for each chat.
#pragma once

#include <string>
#include <vector>

namespace pigeond::sim {

class World;

void check_webhooks(World& world, std::vector<std::string>& broken);

}  // namespace pigeond::sim
