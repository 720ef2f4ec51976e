#include "api/waha/config/session_config_field.h"

#include <utility>

#include "api/waha/config/session_config.h"
#include "api/waha/names.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

Json text() {
  return {{"type", "string"}};
}

Json flag() {
  return {{"type", "boolean"}};
}

Json whole(int low, std::int64_t high) {
  return {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
}

Json one_of(std::initializer_list<const char*> texts) {
  return {{"type", "string"}, {"enum", texts}};
}

Json object(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

Json list(Json items, std::size_t most) {
  return {{"type", "array"}, {"items", std::move(items)}, {"maxItems", most}};
}

Json webhook_schema() {
  Json json =
      object({{"url", schema::described(text(), "http or https; may hold user:password.")},
              {"events", schema::described(list(text(), limits::kWebhookEvents), "Names, or *.")},
              {"hmac", object({{"key", text()}})},
              {"retries", object({{"policy", one_of({"constant", "linear", "exponential"})},
                                  {"delaySeconds", {{"type", "number"}, {"minimum", 0}}},
                                  {"attempts", {{"type", "integer"}, {"minimum", 0}}}})},
              {"customHeaders", list(object({{"name", text()}, {"value", text()}}), limits::kWebhookHeaders)},
              {"timeoutSeconds", whole(1, limits::kWebhookTimeout)},
              {"connections", whole(1, limits::kWebhookConnections)},
              {"order", one_of({"chat", "strict"})},
              {"batch", whole(1, limits::kWebhookBatch)}});
  json["required"] = {"url", "events"};
  return json;
}

Json proxy_schema() {
  Json json =
      object({{"server", schema::described(text(), "host:port, for HTTP CONNECT, or socks5://host:port.")},
              {"username", text()},
              {"password", text()}});
  json["required"] = {"server"};
  return schema::described(std::move(json),
                           "What goes to WhatsApp for the session goes through it, or not at all.");
}

Json config_schema() {
  return object(
      {{"proxy", proxy_schema()},
       {"debug", schema::described(flag(), "All of the session's log, whatever the level.")},
       {"linkPreview", schema::described(flag(),
                                         "Pages that texts link to are fetched for their title; "
                                         "true, unless it has a proxy.")},
       {"metadata", {{"type", "object"}, {"additionalProperties", text()}}},
       {"webhooks", list(webhook_schema(), limits::kWebhooks)},
       {"ignore",
        object({{"status", flag()}, {"groups", flag()}, {"channels", flag()}, {"broadcast", flag()}})},
       {"outbox", object({{"expiresIn", whole(0, limits::kExpiry)}})},
       {"pacing", one_of({"off", "default", "strict"})}});
}

}  // namespace

Status SessionConfigField::read(const Json& json, const schema::Rules&, const schema::Path& path,
                                gateway::SessionConfig& out) const {
  if (!json.is_object()) return path.error("must be an object");
  PIGEOND_TRY(out, parse_session_config(dump(json)));
  return {};
}

Json SessionConfigField::schema(const schema::Rules&, schema::Components& components) const {
  return components.ref("SessionConfig", [](schema::Components&) { return config_schema(); });
}

Json SessionConfigField::show(const gateway::SessionConfig&) const {
  return nullptr;
}

}  // namespace pigeond::api::waha
