// What stands on a message's stanza of its content, which the service can't read: it is checked as far as it
// is known from clients what it refuses.
#pragma once

#include <optional>
#include <string>

#include "wire/node.h"

namespace pigeond::sandbox {

struct WrongMark {
  std::string rule, detail;
};
std::optional<WrongMark> wrong_mark(const wire::Node& message);

}  // namespace pigeond::sandbox
