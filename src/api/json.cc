#include "api/json.h"

#include <algorithm>

#include "base/json_depth.h"
#include "base/limits.h"

namespace pigeond::api {
namespace {

// Finds where parsing stops without building anything, so that the message can say where and not repeat the
// input.
struct PositionFinder : nlohmann::json_sax<Json> {
  std::size_t position = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    position = at;
    return false;
  }
};

}  // namespace

Result<Json> parse_object(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
  if (json_depth(text) > limits::kJsonDepth) return fail(Cause::bad_input, "body: JSON nested too deep");
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    PositionFinder finder;
    Json::sax_parse(text, &finder);
    return fail(Cause::bad_input, "body: malformed JSON near byte " + std::to_string(finder.position));
  }
  if (!json.is_object()) return fail(Cause::bad_input, "body: must be a JSON object");
  return json;
}

Fields::Fields(const Json& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {}

const Json* Fields::find(const char* name) {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::reject(const std::string& field, const std::string& why) {
  if (!error_) error_ = fail(Cause::bad_input, prefix_ + field + " " + why);
}

std::string Fields::text(const char* name) {
  const Json* value = find(name);
  if (!value) return {};
  if (!value->is_string()) {
    reject(name, "must be a string");
    return {};
  }
  return value->get<std::string>();
}

std::string Fields::required_text(const char* name) {
  auto value = text(name);
  if (value.empty()) reject(name, find(name) ? "must be a string that is not empty" : "is required");
  return value;
}

bool Fields::boolean(const char* name, bool fallback) {
  const Json* value = find(name);
  if (!value) return fallback;
  if (!value->is_boolean()) {
    reject(name, "must be true or false");
    return fallback;
  }
  return value->get<bool>();
}

std::int64_t Fields::number(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback) {
  const Json* value = find(name);
  if (!value) return fallback;
  // As a double first: what is too large for 64 bits must not wrap.
  const bool fits = value->is_number_integer() && value->get<double>() >= static_cast<double>(low) &&
                    value->get<double>() <= static_cast<double>(high);
  if (!fits) {
    reject(name, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return fallback;
  }
  return value->get<std::int64_t>();
}

std::vector<std::string> Fields::texts(const char* name) {
  const Json* value = find(name);
  if (!value) return {};
  if (!value->is_array()) {
    reject(name, "must be an array of strings");
    return {};
  }
  std::vector<std::string> list;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const auto& item = (*value)[i];
    if (!item.is_string()) {
      reject(std::string(name) + "[" + std::to_string(i) + "]", "must be a string");
      return {};
    }
    list.push_back(item.get<std::string>());
  }
  return list;
}

const Json* Fields::object(const char* name) {
  const Json* value = find(name);
  if (value && !value->is_object()) {
    reject(name, "must be an object");
    return nullptr;
  }
  return value;
}

Status Fields::status() const {
  if (error_) return *error_;
  return {};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pigeond::api
