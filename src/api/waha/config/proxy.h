// The proxy of a session's configuration: {"server": "host:port" or "socks5://host:port", "username"?,
// "password"?}. WAHA has the first form; browsers' settings the second.
#pragma once

#include <string>

#include "api/json.h"
#include "api/waha/config/webhooks.h"
#include "base/result.h"
#include "net/proxy/proxy.h"

namespace pigeond::api::waha {

// None where the configuration names none, and where its form was sent empty. bad_input, with the field's
// path. A stored one that makes no sense is one through which nothing goes: it is never passed by.
Result<net::ProxyRef> read_proxy(const Json& config, ConfigKeys keys);
// One through which nothing goes, and why.
net::ProxyRef unusable_proxy(std::string why);

}  // namespace pigeond::api::waha
