// A session as an answer, with what the caller may see of it.
#pragma once

#include "api/operations/caller.h"
#include "base/result.h"
#include "gateway/types.h"
#include "net/http/message.h"

namespace pigeond::api::waha {

// Webhooks hold passwords and HMAC keys, a proxy may: whoever may only look does not see them.
gateway::SessionInfo shown_to(const Caller& caller, gateway::SessionInfo info);
// As SessionShape with `status`, or why there is none: 404 for a session that is not there.
net::HttpReply session_reply(const Caller& caller, int status, const Result<gateway::SessionInfo>& info);

}  // namespace pigeond::api::waha
