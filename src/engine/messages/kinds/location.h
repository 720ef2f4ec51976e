// A place that is sent.
#pragma once

#include <string_view>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// Degrees, north and east; `name` is shown below the map, and may be empty.
Content location_content(double latitude, double longitude, std::string_view name);

}  // namespace pigeond::engine
