// The OpenAPI document.
#include "api/waha/operations.h"

namespace pigeond::api::waha {

Operations document_operations(std::function<std::string()> document) {
  auto row = operation<Nothing>(
      {"GET", "/api/openapi.json", "openapi", "Observability", Scope::any, Whose::nobody, "This document"},
      [document = std::move(document)](const Call&, const Nothing&) {
        return net::HttpReply{200, "application/json", document(), {}};
      });
  row.gives(200, "OpenAPI 3.1.", any_json());
  return {row, row.also("/-json", "openapiAsWaha")};
}

}  // namespace pigeond::api::waha
