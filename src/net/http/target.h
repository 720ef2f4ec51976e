// The target of a request line, taken apart before anything of it is decoded.
#pragma once

#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::net {

// "/path?query", "http://host/path?query", or "*" for OPTIONS: fills segments, path and query of `request`,
// whose method is set. malformed, saying what, with the status to answer as code: 400, or 414 over
// limits::kHttpTarget bytes.
Status parse_http_target(std::string_view target, HttpRequest& request);

// The path in its one normal form: '/' and the segments, everything but unreserved characters as %XX.
std::string encode_http_path(const HttpRequest& request);

}  // namespace pigeond::net
