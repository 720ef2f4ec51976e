// The webhooks of a session's configuration: WAHA's keys, and how deliveries go out beside them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/types.h"

namespace pigeond::gateway {

// Errors are bad_input, and their detail starts with the field's path, e.g. "config.webhooks[0].events[1]:
// ...".
Result<std::vector<WebhookConfig>> read_webhooks(const nlohmann::json& webhooks, const std::string& path,
                                                 ConfigKeys keys);

// True for the names of events that this version tells (gateway/events/kinds.h), and for "*".
bool is_event_name(std::string_view name);

// "*" stands for all but "state.change" and "engine.event".
bool subscribes(const WebhookConfig& webhook, std::string_view event);

}  // namespace pigeond::gateway
