// Observability: health, version.
#include <vector>

#include "api/json.h"
#include "api/reply.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

constexpr const char* kTag = "Observability";
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

// The version of the web client that sessions announce. "down": WhatsApp refuses it, to at least one of them.
Json client(const gateway::ClientVersionState& state, int refused) {
  Json json;
  json["status"] = refused == 0 ? "up" : "down";
  json["version"] = state.version.text();
  json["source"] = source_name(state.source);
  json["looked"] = state.looked == 0 ? Json() : Json(state.looked);
  json["expires"] = state.expires == 0 ? Json() : Json(state.expires * kSecond);
  if (refused != 0) json["refused"] = refused;
  if (!state.look_trouble.empty()) json["lookError"] = state.look_trouble;
  if (!state.warning.empty()) json["warning"] = state.warning;
  return json;
}

struct HealthCheck {
  using Of = Json;
  static constexpr const char* kName = "HealthCheckResult";
  static void describe(schema::Output<Of>& shows) {
    const auto part = [&shows](const char* name) {
      shows(name, [name](const Of& check) { return check.at(name); });
    };
    shows("status", [](const Of& check) {
      return check.at("status").get<std::string>();
    }).one_of({"ok", "error"});
    part("info");
    part("error");
    part("details");
  }
};

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
  const Json version = client(gateway.client_version(), counts.outdated);
  info["client"] = version;
  // A disk that hangs would hold this answer as it holds the loop.
  const auto waiting = alive ? gateway.webhooks() : Result<gateway::WebhookTotals>(fail(Cause::storage));
  if (waiting) info["webhooks"] = webhooks(*waiting);
  Json body;
  body["status"] = good ? "ok" : "error";
  body["info"] = info;
  body["error"] = error;
  body["details"] = {{"loop", loop},
                     {"storage", storage(stored)},
                     {"sessions", sessions},
                     {"api", door},
                     {"client", version}};
  if (waiting) body["details"]["webhooks"] = webhooks(*waiting);
  return reply<HealthCheck>(good ? 200 : 503, body);
}

}  // namespace

Operations server_operations(const Services& services) {
  auto health_row = operation<Nothing>({"GET", "/health", "health", kTag, Scope::read, Whose::all,
                                        "Whether loop, disk and sessions are sound"},
                                       [door = services.door](const Call& call, const Nothing&) {
                                         return health(call.gateway, door());
                                       })
                        .gives(200, "They are.", json<HealthCheck>())
                        .gives(503, "Something is not.", json<HealthCheck>());
  auto version_row = operation<Nothing>({"GET", "/api/server/version", "serverVersion", kTag, Scope::any,
                                         Whose::nobody, "What runs here"},
                                        [version = services.version](const Call&, const Nothing&) {
                                          return reply<EnvironmentShape>(200, version);
                                        })
                         .gives(200, "Version and platform.", json<EnvironmentShape>());
  return {health_row, version_row, version_row.also("/api/version", "version").is_deprecated()};
}

}  // namespace pigeond::api::waha
