#include "wire/server_name.h"

#include <algorithm>

namespace pigeond::wire {

ServerName::ServerName(std::string_view name) {
  if (name.empty()) return;
  if (const auto* known = std::find(std::begin(server::kAll), std::end(server::kAll), name);
      known != std::end(server::kAll)) {
    name_ = *known;
    return;
  }
  other_ = std::make_shared<const std::string>(name);
  name_ = *other_;
}

}  // namespace pigeond::wire
