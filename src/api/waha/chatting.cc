// Chatting: sendText.
#include "api/reply.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"
#include "api/waha/text_request.h"

namespace pigeond::api::waha {
namespace {

// It was accepted and has ended so: the id is that of its events.
net::HttpReply failed(gateway::Gateway& gateway, const std::string& session,
                      const gateway::SentMessage& message) {
  return session_failure(gateway, session, *message.failure, "WORKING", {{"id", message_id(message)}});
}

net::HttpReply send_text(gateway::Gateway& gateway, const net::HttpRequest& http) {
  auto request = parse_text_request(http);
  if (!request) return failure_reply(request.error());
  const auto session = request->session;
  auto sent = gateway.send_text(std::move(*request));
  if (!sent) return session_failure(gateway, session, sent.error(), "WORKING");
  if (sent->failure) return failed(gateway, session, *sent);
  return json_reply(sent->pending ? 202 : 201, sent_message(*sent));
}

}  // namespace

void add_chatting_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add("POST", "/api/sendText", [&](const net::HttpRequest& r) { return send_text(gateway, r); });
}

}  // namespace pigeond::api::waha
