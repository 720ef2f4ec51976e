// A session's configuration: WAHA's `config` object, parsed with limits. What the gateway doesn't know it
// keeps and gives back, and otherwise ignores; but not in a webhook, where a typo would cost events.
#pragma once

#include <string_view>

#include "base/result.h"
#include "gateway/types.h"
#include "gateway/webhooks/config.h"

namespace pigeond::gateway {

// `json` is the object itself; empty means {}. Errors are bad_input (or too_large), and their detail starts
// with the field's path from the body's root, e.g. "config.webhooks[0].events[1]: ...".
Result<SessionConfig> parse_session_config(std::string_view json, ConfigKeys keys = ConfigKeys::known);

// 1 to 54 characters of a-z, A-Z, 0-9, _ and -. bad_input naming `name`.
Status check_session_name(std::string_view name);

bool is_json(std::string_view text);

}  // namespace pigeond::gateway
