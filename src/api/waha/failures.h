// How WAHA tells that a session is not there, or not in the state that is needed.
#pragma once

#include <string>
#include <string_view>

#include "api/json.h"
#include "base/result.h"
#include "gateway/gateway.h"
#include "net/http/message.h"

namespace pigeond::api::waha {

// With the name before its words that the wrong field has in WAHA's requests.
Error named(Error error);

// What a session-scoped call answers: 422 when there is no such session, or when it is not in the state that
// is needed; then the session's own cause is told too. `more` goes into the body.
net::HttpReply session_failure(gateway::Gateway& gateway, const std::string& session, const Error& error,
                               std::string_view expected_status, const Json& more = Json::object());
// The same where the session has been asked for already.
net::HttpReply session_failure(const Result<gateway::SessionInfo>& info, const std::string& session,
                               const Error& error, std::string_view expected_status,
                               const Json& more = Json::object());

}  // namespace pigeond::api::waha
