// The webhooks of a session's configuration: WAHA's keys, and how deliveries go out beside them.
#pragma once

#include <string>
#include <vector>

#include "api/json.h"
#include "base/result.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

// Whether what nobody knows (a key of a webhook, an event) is an error, or passed over: stored ones may be of
// an older version.
enum class ConfigKeys { known, any };

// Errors are bad_input, and their detail starts with the field's path, e.g.
// "config.webhooks[0].events[1]: ...".
Result<std::vector<gateway::WebhookConfig>> read_webhooks(const Json& webhooks, const std::string& path,
                                                          ConfigKeys keys);

}  // namespace pigeond::api::waha
