// The OpenAPI 3.1 document of a table of operations: each row is a path and method with its parameters, its
// body, its answers and its errors; each described type is a component.
#pragma once

#include <string>

#include "api/operations/operation.h"

namespace pigeond::api {

// `version`: of this program.
std::string openapi_document(const Operations& operations, const std::string& version);

}  // namespace pigeond::api
