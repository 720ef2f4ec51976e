#include "api/operations/caller.h"

namespace pigeond::api {

std::string_view scope_name(Scope scope) {
  for (const auto& [name, value] : kScopeNames)
    if (value == scope) return name;
  return "any";
}

}  // namespace pigeond::api
