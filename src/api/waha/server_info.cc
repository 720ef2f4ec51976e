// Observability: health, version.
#include "api/json.h"
#include "api/reply.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

constexpr Millis kHealthWait = 5 * kSecond;

Json storage(const gateway::StorageState& state) {
  Json json;
  json["status"] = state.failure ? "down" : "up";
  if (state.failure) {
    json["cause"] = cause(*state.failure);
    json["since"] = state.failing_since;
    json["damaged"] = state.damaged;
  }
  json["commits"] = state.commits;
  json["backup"] = state.backup_ms == 0 ? Json() : Json(state.backup_ms);
  if (!state.backup_error.empty()) json["backupError"] = state.backup_error;
  if (state.recovery.restored) {
    json["restored"] = {{"reason", state.recovery.reason},
                        {"backup", state.recovery.backup_time},
                        {"damagedFile", state.recovery.damaged}};
  }
  return json;
}

Json webhooks(const gateway::WebhookTotals& totals) {
  return {{"status", "up"},
          {"pending", totals.pending},
          {"oldest", totals.oldest_ms == 0 ? Json() : Json(totals.oldest_ms)},
          {"dead", totals.dead}};
}

net::HttpReply health(gateway::Gateway& gateway, const Json& door) {
  const bool alive = gateway.responsive(kHealthWait);
  const auto counts = gateway.counts();
  const Json sessions = {{"status", counts.failed == 0 ? "up" : "down"},
                         {"working", counts.working},
                         {"running", counts.running},
                         {"failed", counts.failed},
                         {"all", counts.all}};
  const Json loop = {{"status", alive ? "up" : "down"}};
  const auto stored = gateway.storage();
  const bool good = alive && !stored.failure;
  Json info = Json::object(), error = Json::object();
  (alive ? info : error)["loop"] = loop;
  (stored.failure ? error : info)["storage"] = storage(stored);
  if (alive) info["sessions"] = sessions;
  info["api"] = door;
  const auto waiting = alive ? gateway.webhooks(kHealthWait) : std::nullopt;
  if (waiting) info["webhooks"] = webhooks(*waiting);
  Json body;
  body["status"] = good ? "ok" : "error";
  body["info"] = info;
  body["error"] = error;
  body["details"] = {{"loop", loop}, {"storage", storage(stored)}, {"sessions", sessions}, {"api", door}};
  if (waiting) body["details"]["webhooks"] = webhooks(*waiting);
  return json_reply(good ? 200 : 503, body);
}

}  // namespace

void add_server_routes(net::HttpRouter& router, gateway::Gateway& gateway, const std::string& version,
                       std::function<Json()> door) {
  router.add("GET", "/health",
             [&gateway, door = std::move(door)](const net::HttpRequest&) { return health(gateway, door()); });
  const auto show_version = [version](const net::HttpRequest&) {
    return json_reply(200, environment(version));
  };
  router.add("GET", "/api/version", show_version);
  router.add("GET", "/api/server/version", show_version);
}

}  // namespace pigeond::api::waha
