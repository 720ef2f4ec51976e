#include "api/schema/components.h"

#include <utility>

namespace pigeond::api::schema {

Json Components::ref(const std::string& name, const std::function<Json(Components&)>& make) {
  if (made_.try_emplace(name).second) {
    Json schema = make(*this);
    made_[name] = std::move(schema);
  }
  return {{"$ref", "#/components/schemas/" + name}};
}

Json Components::json() const {
  Json all = Json::object();
  for (const auto& [name, schema] : made_) all[name] = schema;
  return all;
}

Json or_null(Json schema) {
  const auto type = schema.find("type");
  if (type == schema.end() || !type->is_string() || schema.contains("enum"))
    return {{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}};
  *type = Json::array({*type, "null"});
  return schema;
}

Json described(Json schema, std::string_view help) {
  if (!help.empty()) schema["description"] = help;
  return schema;
}

}  // namespace pigeond::api::schema
