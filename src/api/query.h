// Parameters of a request's query.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::api {

// A whole number from `low` to `high`; `fallback` where there is none. bad_input names the parameter.
Result<std::size_t> count_parameter(const net::HttpRequest& request, const char* name, std::size_t low,
                                    std::size_t high, std::size_t fallback);

}  // namespace pigeond::api
