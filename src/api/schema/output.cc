#include "api/schema/output.h"

namespace pigeond::api::schema {

Json Members::write(const void* object) const {
  Json json = Json::object();
  for (const auto& member : all_) {
    auto value = member.get(object);
    if (member.name.empty()) {
      if (value) json.update(*value);
    } else if (value) {
      json[member.name] = std::move(*value);
    } else if (member.null) {
      json[member.name] = nullptr;
    }
  }
  return json;
}

Json Members::inline_schema(Components& components) const {
  Json json = {{"type", "object"}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const auto& member : all_) {
    Json schema = member.schema(components);
    if (member.name.empty()) {
      json["properties"].update(schema["properties"]);
      continue;
    }
    if (member.null) schema = or_null(std::move(schema));
    json["properties"][member.name] = described(std::move(schema), member.about);
    if (!member.optional || member.null) required.push_back(member.name);
  }
  if (!required.empty()) json["required"] = std::move(required);
  return json;
}

Json Members::schema(Components& components) const {
  return components.ref(name_, [this](Components& inner) { return inline_schema(inner); });
}

}  // namespace pigeond::api::schema
