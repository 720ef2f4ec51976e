// Reading a session's configuration: members of JSON objects, and errors that begin with their path.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "api/json.h"
#include "base/result.h"

namespace pigeond::api::waha {

Error bad(const std::string& path, const std::string& why);  // bad_input
// A member of an object that is there and not null; nullptr otherwise.
const Json* find(const Json& object, const char* name);
Result<std::string> read_text(const Json& object, const char* name, const std::string& path, bool required);
// A whole number from `low` to `high` into `out`, which stays as it is where there is none.
Status read_whole(const Json& object, const char* name, const std::string& path, int low, int high, int& out);
// The first member that is none of `known` is an error that names it, and what there is.
Status check_keys(const Json& object, const std::string& path, std::initializer_list<std::string_view> known);

}  // namespace pigeond::api::waha
