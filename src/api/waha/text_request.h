// POST /api/sendText as it comes in.
#pragma once

#include "base/result.h"
#include "gateway/types.h"
#include "net/http/router.h"

namespace pigeond::api::waha {

// bad_input names the first field, parameter or header that is wrong; what is returned is within the limits
// of base/limits.h.
Result<gateway::TextRequest> parse_text_request(const net::HttpRequest& http);

}  // namespace pigeond::api::waha
