// A webhook's URL as its owner wrote it, and what of it goes where: a user name and password in it are sent
// as Authorization, and shown to nobody.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeond::gateway {

struct WebhookTarget {
  std::string url;            // http or https, without user name and password
  std::string host;           // with the port, where it isn't the scheme's own; for logs
  std::string authorization;  // "Basic ..."; "": none
};

// bad_input, saying why.
Result<WebhookTarget> webhook_target(const std::string& url);

// For logs: the host alone, as a path or query may carry a secret of the receiver's. "?" if it is no URL.
std::string webhook_host(const std::string& url);

// For people who may read the configuration: the password is left out ("http://user:***@host/").
std::string webhook_shown(const std::string& url);

}  // namespace pigeond::gateway
