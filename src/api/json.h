// Bodies of JSON, in with limits and out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeond::api {

using Json = nlohmann::ordered_json;

// One JSON object, at most limits::kJsonDepth deep; an empty text is an empty object. bad_input says where it
// breaks.
Result<Json> parse_object(std::string_view text);

std::string dump(const Json& json);  // invalid UTF-8 is replaced, never thrown about

}  // namespace pigeond::api
