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

net::HttpReply reply_of(gateway::Gateway& gateway, const std::string& session,
                        const Result<gateway::SentMessage>& sent) {
  if (!sent) return session_failure(gateway, session, sent.error(), "WORKING");
  if (sent->failure) return failed(gateway, session, *sent);
  return json_reply(sent->pending ? 202 : 201, sent_message(*sent));
}

net::HttpReply send_text(gateway::Gateway& gateway, const net::HttpRequest& http) {
  auto request = parse_text_request(http);
  if (!request) return failure_reply(request.error());
  const auto session = request->session;
  return reply_of(gateway, session, gateway.send_text(std::move(*request)));
}

// What failed is told with the session's status, which has to be asked for.
void begin_text(gateway::Gateway& gateway, const net::HttpRequest& http, const net::HttpPromise& promise) {
  auto request = parse_text_request(http);
  if (!request) return promise.on_loop([error = request.error()] { return failure_reply(error); });
  auto session = request->session;
  gateway.send_text(std::move(*request), [&gateway, session = std::move(session),
                                          promise](Result<gateway::SentMessage> sent) {
    const bool good = sent && !sent->failure;
    (good ? promise.on_loop : promise.on_worker)(
        [&gateway, session, sent = std::move(sent)] { return reply_of(gateway, session, sent); });
  });
}

}  // namespace

void add_chatting_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add(
      "POST", "/api/sendText", [&](const net::HttpRequest& r) { return send_text(gateway, r); },
      [&](const net::HttpRequest& r, const net::HttpPromise& promise) { begin_text(gateway, r, promise); });
}

}  // namespace pigeond::api::waha
