// Chatting: sendText.
#include "api/reply.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"
#include "api/waha/text_request.h"

namespace pigeond::api::waha {
namespace {

net::HttpReply send_text(gateway::Gateway& gateway, const net::HttpRequest& http) {
  auto request = parse_text_request(http);
  if (!request) return failure_reply(request.error());
  const auto session = request->session;
  auto sent = gateway.send_text(std::move(*request));
  if (!sent) return session_failure(gateway, session, sent.error(), "WORKING");
  return json_reply(sent->pending ? 202 : 201, sent_message(*sent));
}

}  // namespace

void add_chatting_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add("POST", "/api/sendText", [&](const net::HttpRequest& r) { return send_text(gateway, r); });
}

}  // namespace pigeond::api::waha
