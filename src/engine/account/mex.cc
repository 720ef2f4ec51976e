#include "engine/account/mex.h"

#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "base/limits.h"
#include "base/text.h"

namespace pigeond::engine {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongest = 64 * 1024;  // bytes of an answer

const Json* member(const Json& object, std::string_view name) {
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

wire::Node mex_query(std::string_view query_id, std::string_view variables_json) {
  wire::Node query("query"), iq("iq");
  query.set("query_id", std::string(query_id));
  query.body(as_bytes("{\"variables\":" + std::string(variables_json) + "}"));
  iq.set("type", "get").set("xmlns", "w:mex").add(std::move(query));
  return iq;
}

Result<MexObject> MexObject::parse(ByteView json, std::string_view root) {
  const Error malformed = fail(Cause::malformed, "an answer that is not the JSON expected");
  const std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
  if (text.size() > kLongest || json_depth(text) > limits::kJsonDepth) return malformed;
  const Json whole = Json::parse(text, nullptr, false);
  if (!whole.is_object()) return malformed;
  if (const Json* errors = member(whole, "errors"); errors != nullptr && !errors->empty())
    return fail(Cause::ack_error, "the service answered the query with errors");
  const Json* data = member(whole, "data");
  const Json* object = data != nullptr && data->is_object() ? member(*data, root) : nullptr;
  if (object == nullptr || !object->is_object()) return malformed;
  MexObject out;
  for (const auto& [name, value] : object->items()) {
    if (value.is_string())
      out.members_.emplace_back(name, value.get<std::string>());
    else if (value.is_number() || value.is_boolean())
      out.members_.emplace_back(name, value.dump());
  }
  return out;
}

Result<MexObject> MexObject::from_answer(const wire::Node& answer, std::string_view root) {
  const auto* result = answer.child("result");
  if (result == nullptr) return fail(Cause::malformed, "an answer without a result");
  return parse(result->bytes(), root);
}

std::optional<MexObject> MexObject::from_notification(const wire::Node& notification, std::string_view root) {
  std::optional<MexObject> found;
  notification.each("update", [&](const wire::Node& update) {
    if (auto object = parse(update.bytes(), root)) found = std::move(*object);
  });
  return found;
}

std::string MexObject::text(std::string_view name) const {
  for (const auto& [key, value] : members_)
    if (key == name) return value;
  return {};
}

std::int64_t MexObject::number(std::string_view name) const {
  const auto value = parse_unsigned(text(name));
  return value && *value <= INT64_MAX ? static_cast<std::int64_t>(*value) : 0;
}

bool MexObject::flag(std::string_view name) const {
  return text(name) == "true";
}

}  // namespace pigeond::engine
