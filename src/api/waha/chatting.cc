// Chatting: sendText.
#include "api/reply.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"
#include "api/waha/text_request.h"

namespace pigeond::api::waha {
namespace {

bool got_through(const Result<gateway::SentMessage>& sent) {
  return sent && !sent->failure;
}

net::HttpReply good(const gateway::SentMessage& sent) {
  return json_reply(sent.pending ? 202 : 201, sent_message(sent));
}

// `about`: the session, or what knows it. What was accepted and has ended so has the id of its events.
template <typename About>
net::HttpReply bad(About& about, const std::string& session, const Result<gateway::SentMessage>& sent) {
  if (!sent) return session_failure(about, session, sent.error(), "WORKING");
  return session_failure(about, session, *sent->failure, "WORKING", {{"id", message_id(*sent)}});
}

net::HttpReply send_text(gateway::Gateway& gateway, const net::HttpRequest& http) {
  auto request = parse_text_request(http);
  if (!request) return failure_reply(request.error());
  const auto session = request->session;
  const auto sent = gateway.send_text(std::move(*request));
  return got_through(sent) ? good(*sent) : bad(gateway, session, sent);
}

void begin_text(gateway::Gateway& gateway, const net::HttpRequest& http, const net::HttpPromise& promise) {
  auto request = parse_text_request(http);
  if (!request) return promise([error = request.error()] { return failure_reply(error); });
  auto session = request->session;
  gateway.send_text(std::move(*request), [&gateway, session = std::move(session),
                                          promise](Result<gateway::SentMessage> sent) {
    if (got_through(sent)) return promise([sent = std::move(sent)] { return good(*sent); });
    gateway.session(session, [session, promise, sent = std::move(sent)](Result<gateway::SessionInfo> info) {
      promise([session, sent, info = std::move(info)] { return bad(info, session, sent); });
    });
  });
}

}  // namespace

void add_chatting_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add(
      "POST", "/api/sendText", [&](const net::HttpRequest& r) { return send_text(gateway, r); },
      [&](const net::HttpRequest& r, const net::HttpPromise& promise) { begin_text(gateway, r, promise); });
}

}  // namespace pigeond::api::waha
