// What the service's <ack class="message"> says about a message of ours.
#pragma once

#include <optional>

#include "base/result.h"
#include "wire/node.h"

namespace pigeond::engine {

struct AckVerdict {
  std::optional<Error> error;  // as refused_with(); none: acknowledged
  std::int64_t timestamp = 0;  // unix seconds; 0: not told
  bool stale_devices = false;  // another participant hash than ours, or a refusal that new ones may heal
  bool stale_mapping = false;  // the peer's hidden id is to be looked up again
};

AckVerdict classify_ack(const wire::Node& ack, const std::string& our_phash);

}  // namespace pigeond::engine
