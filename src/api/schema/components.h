// The named schemas of an OpenAPI document (OpenAPI 3.1, "Components Object"): each described type stands
// there once, under its name, and is referred to from everywhere else.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "api/json.h"

namespace pigeond::api::schema {

class Components {
 public:
  // {"$ref":"#/components/schemas/NAME"}. `make` is asked for the schema the first time that the name comes;
  // it may refer to others, and to itself.
  Json ref(const std::string& name, const std::function<Json(Components&)>& make);
  Json json() const;  // by name

 private:
  std::map<std::string, Json> made_;
};

// The same value, or null.
Json or_null(Json schema);
// A schema with a sentence about it; nothing is added without one.
Json described(Json schema, std::string_view help);

}  // namespace pigeond::api::schema
