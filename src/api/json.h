// Bodies: JSON in with limits, fields out with errors that name them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pigeond::api {

using Json = nlohmann::ordered_json;

// One JSON object, at most limits::kJsonDepth deep; an empty text is an empty object. bad_input says where it
// breaks.
Result<Json> parse_object(std::string_view text);

// Reads fields of one object. Absent and null are the same. The first thing wrong sticks, and names its
// field.
class Fields {
 public:
  // `object` must outlive this. `prefix` goes before each field's name in errors, e.g. "config.".
  explicit Fields(const Json& object, std::string prefix = {});

  bool has(const char* name) { return find(name) != nullptr; }
  std::string text(const char* name);           // "" if absent
  std::string required_text(const char* name);  // absent or empty is an error
  bool boolean(const char* name, bool fallback);
  // A whole number from `low` to `high`; `fallback` if absent.
  std::int64_t number(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback);
  std::vector<std::string> texts(const char* name);               // an array of strings
  const Json* object(const char* name);                           // nullptr if absent
  void reject(const std::string& field, const std::string& why);  // an error found by the caller
  Status status() const;

 private:
  const Json* find(const char* name);
  const Json& object_;
  std::string prefix_;
  std::optional<Error> error_;
};

std::string dump(const Json& json);  // invalid UTF-8 is replaced, never thrown about

}  // namespace pigeond::api
