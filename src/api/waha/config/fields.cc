#include "api/waha/config/fields.h"

#include <algorithm>

namespace pigeond::api::waha {

Error bad(const std::string& path, const std::string& why) {
  return fail(Cause::bad_input, path + ": " + why);
}

const Json* find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> read_text(const Json& object, const char* name, const std::string& path, bool required) {
  const Json* value = find(object, name);
  const auto where = path + "." + name;
  if (value == nullptr) {
    if (required) return bad(where, "is required");
    return std::string();
  }
  if (!value->is_string()) return bad(where, "must be a string");
  return value->get<std::string>();
}

Status read_whole(const Json& object, const char* name, const std::string& path, int low, int high,
                  int& out) {
  const Json* value = find(object, name);
  if (value == nullptr) return {};
  if (!value->is_number_integer() || value->get<double>() < low || value->get<double>() > high) {
    return bad(path + "." + name,
               "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  out = value->get<int>();
  return {};
}

Status check_keys(const Json& object, const std::string& path,
                  std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string all;
    for (const auto key : known) all += (all.empty() ? "" : ", ") + std::string(key);
    return bad(path + "." + name.substr(0, 64), "there is no such key; there are " + all);
  }
  return {};
}

}  // namespace pigeond::api::waha
