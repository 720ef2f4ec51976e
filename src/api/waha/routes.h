// The routes of the WAHA dialect, a file a section of its documentation.
#pragma once

#include <functional>
#include <string>

#include "api/json.h"
#include "gateway/gateway.h"
#include "net/http/router.h"

namespace pigeond::api::waha {

// The gateway must outlive the router. `version` is this program's.
void add_session_routes(net::HttpRouter& router, gateway::Gateway& gateway);
void add_pairing_routes(net::HttpRouter& router, gateway::Gateway& gateway);
void add_chatting_routes(net::HttpRouter& router, gateway::Gateway& gateway);
void add_outbox_routes(net::HttpRouter& router, gateway::Gateway& gateway);
void add_contact_routes(net::HttpRouter& router, gateway::Gateway& gateway);
void add_webhook_routes(net::HttpRouter& router, gateway::Gateway& gateway);
// `door` counts what came to the HTTP server, for /health.
void add_server_routes(net::HttpRouter& router, gateway::Gateway& gateway, const std::string& version,
                       std::function<Json()> door);

// What a session-scoped call answers: 422 when there is no such session, or when it is not in the state that
// is needed; then the session's own cause is told too. `more` goes into the body.
net::HttpReply session_failure(gateway::Gateway& gateway, const std::string& session, const Error& error,
                               std::string_view expected_status, const Json& more = Json::object());
// The same where the session has been asked for already.
net::HttpReply session_failure(const Result<gateway::SessionInfo>& info, const std::string& session,
                               const Error& error, std::string_view expected_status,
                               const Json& more = Json::object());

}  // namespace pigeond::api::waha
