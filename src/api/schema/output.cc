#include "api/schema/output.h"

namespace pigeond::api::schema {

void Members::write(JsonText& out, const void* object) const {
  out.begin_object();
  write_members(out, object);
  out.end_object();
}

void Members::write_members(JsonText& out, const void* object) const {
  for (const auto& member : all_) member.put(out, member, object);
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
