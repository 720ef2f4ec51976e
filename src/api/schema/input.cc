#include "api/schema/input.h"

#include <algorithm>

namespace pigeond::api::schema {

bool Field::absent(const Json& value) const {
  if (value.is_null()) return true;
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return !takes_empty;
  return zero_is_nothing && value.is_number() && value.get<double>() == 0;
}

Json Field::described_schema(Components& components) const {
  Json json = schema(rules, components);
  if (!about.empty()) {
    const auto rule = json.find("description");
    json["description"] = rule == json.end() ? about : about + " It is " + rule->get<std::string>() + ".";
  }
  const bool shown =
      !fallback.is_null() && !is_required && (!fallback.is_string() || !fallback.get<std::string>().empty());
  // 0 stands for "not given" where a number may not be 0.
  const bool possible = !fallback.is_number() || !rules.low || fallback.get<std::int64_t>() >= *rules.low;
  if (shown && possible) json["default"] = fallback;
  return json;
}

const Field* Fields::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Field::name);
  return found == all_.end() ? nullptr : &*found;
}

Status Fields::read_field(const Field& field, const Json* value, const Path* parent, void* out) {
  const Path path(field.name, parent);
  if (value == nullptr || field.absent(*value)) {
    if (!field.is_required) return {};
    const bool empty = value != nullptr && !value->is_null();
    return path.error(empty ? "must not be empty" : "is required");
  }
  return field.read(*value, field.rules, path, out);
}

Status Fields::read(const Json& object, const Path* parent, void* out) const {
  for (const auto& field : all_) {
    const auto found = object.find(field.name);
    PIGEOND_CHECK(read_field(field, found == object.end() ? nullptr : &*found, parent, out));
  }
  return {};
}

Json object_schema(const std::vector<const Field*>& fields, Components& components) {
  Json json = {{"type", "object"}, {"properties", Json::object()}};
  for (const Field* field : fields) json["properties"][field->name] = field->described_schema(components);
  for (const Field* field : fields)
    if (field->is_required) json["required"].push_back(field->name);
  return json;
}

Json Fields::schema(Components& components) const {
  return components.ref(name_, [this](Components& inner) {
    std::vector<const Field*> fields;
    for (const auto& field : all_) fields.push_back(&field);
    return object_schema(fields, inner);
  });
}

}  // namespace pigeond::api::schema
