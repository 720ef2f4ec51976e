// Events: what people are invited to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

struct NewEvent {
  std::string name, description;
  std::int64_t start = 0;  // unix seconds
  std::int64_t end = 0;    // 0: not said
  std::string place;       // empty: not said
  bool guests = false;     // people may bring others along
};

Content event_content(const NewEvent& event);

}  // namespace pigeond::engine
