#include "api/query.h"

#include <string>

#include "base/text.h"

namespace pigeond::api {

Result<std::size_t> count_parameter(const net::HttpRequest& request, const char* name, std::size_t low,
                                    std::size_t high, std::size_t fallback) {
  const auto text = request.parameter(name);
  if (text.empty()) return fallback;
  const auto value = parse_unsigned(text);
  if (!value || *value < low || *value > high)
    return fail(Cause::bad_input, std::string(name) + " must be a whole number from " + std::to_string(low) +
                                      " to " + std::to_string(high));
  return static_cast<std::size_t>(*value);
}

}  // namespace pigeond::api
