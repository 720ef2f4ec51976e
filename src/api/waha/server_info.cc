// Observability: ping, health, version.
#include "api/json.h"
#include "api/reply.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

constexpr Millis kHealthWait = 5 * kSecond;

net::HttpReply health(gateway::Gateway& gateway) {
  const bool alive = gateway.responsive(kHealthWait);
  const auto counts = gateway.counts();
  const Json sessions = {{"status", counts.failed == 0 ? "up" : "down"},
                         {"working", counts.working},
                         {"running", counts.running},
                         {"failed", counts.failed},
                         {"all", counts.all}};
  const Json loop = {{"status", alive ? "up" : "down"}};
  Json body;
  body["status"] = alive ? "ok" : "error";
  body["info"] = alive ? Json({{"loop", loop}, {"sessions", sessions}}) : Json::object();
  body["error"] = alive ? Json::object() : Json({{"loop", loop}});
  body["details"] = {{"loop", loop}, {"sessions", sessions}};
  return json_reply(alive ? 200 : 503, body);
}

}  // namespace

void add_server_routes(net::HttpRouter& router, gateway::Gateway& gateway, const std::string& version) {
  router.add("GET", "/ping", [](const net::HttpRequest&) { return json_reply(200, {{"message", "pong"}}); });
  router.add("GET", "/health", [&](const net::HttpRequest&) { return health(gateway); });
  const auto show_version = [version](const net::HttpRequest&) {
    return json_reply(200, environment(version));
  };
  router.add("GET", "/api/version", show_version);
  router.add("GET", "/api/server/version", show_version);
}

}  // namespace pigeond::api::waha
