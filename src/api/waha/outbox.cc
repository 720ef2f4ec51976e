// The outbox: what was accepted for sending and has not ended. Not part of WAHA's surface.
#include "api/json.h"
#include "api/query.h"
#include "api/reply.h"
#include "api/waha/ids.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kPage = 100;

net::HttpReply list(gateway::Gateway& gateway, const net::HttpRequest& request) {
  const auto& session = request.params.at("session");
  const auto limit = count_parameter(request, "limit", 1, limits::kListLimit, kPage);
  if (!limit) return failure_reply(limit.error());
  const auto offset = count_parameter(request, "offset", 0, limits::kOutbox, 0);
  if (!offset) return failure_reply(offset.error());
  const auto messages = gateway.outbox(session, *limit, *offset);
  if (!messages) return session_failure(gateway, session, messages.error(), "WORKING");
  Json all = Json::array();
  for (const auto& message : *messages) all.push_back(queued_message(message));
  return json_reply(200, all);
}

net::HttpReply cancel(gateway::Gateway& gateway, const net::HttpRequest& request) {
  const auto& session = request.params.at("session");
  const auto id = bare_message_id(request.params.at("id"));
  if (id.empty()) return error_reply(400, "id is not a message id");
  const auto cancelled = gateway.cancel_message(session, id);
  if (!cancelled) return failure_reply(cancelled.error());
  return json_reply(200, {{"id", id}, {"cancelled", true}});
}

}  // namespace

void add_outbox_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add("GET", "/api/{session}/outbox", [&](const net::HttpRequest& r) { return list(gateway, r); });
  router.add("DELETE", "/api/{session}/outbox/{id}",
             [&](const net::HttpRequest& r) { return cancel(gateway, r); });
}

}  // namespace pigeond::api::waha
