// A session's configuration: WAHA's `config` object, parsed with limits. What nobody knows here is kept and
// given back, and otherwise ignored; but not in a webhook, where a typo would cost events.
#pragma once

#include <string_view>

#include "api/json.h"
#include "api/waha/config/webhooks.h"
#include "base/result.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

// `json` is the object itself, and becomes its `raw`; empty means {}. Errors are bad_input (or too_large),
// and their detail starts with the field's path from the body's root, e.g.
// "config.webhooks[0].events[1]: ...".
Result<gateway::SessionConfig> parse_session_config(std::string_view json,
                                                    ConfigKeys keys = ConfigKeys::known);

// One that the gateway has kept, also of an older version: gateway::Options::read_config. An error only where
// no proxy is named: else nothing goes past that.
Result<gateway::SessionConfig> read_stored_config(std::string_view raw);

// As its owner wrote it; {} where that can't be read.
Json shown_config(const gateway::SessionConfig& config);

}  // namespace pigeond::api::waha
