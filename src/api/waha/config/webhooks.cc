#include "api/waha/config/webhooks.h"

#include <algorithm>
#include <cmath>

#include "api/waha/config/fields.h"
#include "api/waha/names.h"
#include "base/limits.h"
#include "gateway/webhooks/target.h"
#include "net/http/head.h"

namespace pigeond::api::waha {
namespace {

using gateway::RetryPolicy;
using gateway::WebhookConfig;

Status check_keys(const Json& object, const std::string& path, ConfigKeys keys,
                  std::initializer_list<std::string_view> known) {
  return keys == ConfigKeys::any ? Status() : waha::check_keys(object, path, known);
}

Status read_url(const Json& object, const std::string& path, WebhookConfig& out) {
  PIGEOND_TRY(out.url, read_text(object, "url", path, true));
  const auto where = path + ".url";
  if (out.url.size() > limits::kWebhookUrl) return bad(where, "is too long");
  const auto target = gateway::webhook_target(out.url);
  if (!target) return bad(where, "must be an http or https URL (" + target.error().detail + ")");
  return {};
}

// Stored ones may have names that an older version took, and never told.
Status read_events(const Json& object, const std::string& path, WebhookConfig& out, ConfigKeys keys) {
  const Json* events = find(object, "events");
  const auto where = path + ".events";
  if (events == nullptr) return bad(where, "is required");
  if (!events->is_array()) return bad(where, "must be an array of event names");
  if (events->size() > limits::kWebhookEvents) return bad(where, "has too many entries");
  for (std::size_t i = 0; i < events->size(); ++i) {
    const auto entry = where + "[" + std::to_string(i) + "]";
    if (!(*events)[i].is_string()) return bad(entry, "must be a string");
    const auto topics = topics_named((*events)[i].get<std::string>());
    if (topics)
      out.topics.add(*topics);
    else if (keys == ConfigKeys::known)
      return bad(entry, topics.error().detail);
  }
  return {};
}

Status read_hmac(const Json& object, const std::string& path, WebhookConfig& out, ConfigKeys keys) {
  const Json* hmac = find(object, "hmac");
  if (hmac == nullptr) return {};
  const auto where = path + ".hmac";
  if (!hmac->is_object()) return bad(where, "must be an object");
  PIGEOND_CHECK(check_keys(*hmac, where, keys, {"key"}));
  PIGEOND_TRY(out.hmac_key, read_text(*hmac, "key", where, false));
  if (out.hmac_key.size() > limits::kHeaderValue) return bad(where + ".key", "is too long");
  return {};
}

Status read_retries(const Json& object, const std::string& path, RetryPolicy& out, ConfigKeys keys) {
  const Json* retries = find(object, "retries");
  if (retries == nullptr) return {};
  const auto where = path + ".retries";
  if (!retries->is_object()) return bad(where, "must be an object");
  PIGEOND_CHECK(check_keys(*retries, where, keys, {"policy", "delaySeconds", "attempts"}));
  if (retries->empty()) return {};
  out = {RetryPolicy::Kind::constant, 2, 15, kHour};  // as WAHA fills in what is not said
  if (const Json* delay = find(*retries, "delaySeconds")) {
    if (!delay->is_number()) return bad(where + ".delaySeconds", "must be a number");
    out.delay_seconds = delay->get<double>();
    if (!std::isfinite(out.delay_seconds) || out.delay_seconds < 0 || out.delay_seconds > 86400)
      return bad(where + ".delaySeconds", "must be 0 to 86400");
  }
  PIGEOND_CHECK(read_whole(*retries, "attempts", where, 0, 1000, out.attempts));
  PIGEOND_TRY(const std::string policy, read_text(*retries, "policy", where, false));
  if (policy.empty() || policy == "constant") {
    out.kind = RetryPolicy::Kind::constant;
  } else if (policy == "linear") {
    out.kind = RetryPolicy::Kind::linear;
  } else if (policy == "exponential") {
    out.kind = RetryPolicy::Kind::exponential;
  } else {
    return bad(where + ".policy", "must be constant, linear or exponential");
  }
  return {};
}

Status read_headers(const Json& object, const std::string& path, WebhookConfig& out, ConfigKeys keys) {
  const Json* headers = find(object, "customHeaders");
  if (headers == nullptr) return {};
  const auto where = path + ".customHeaders";
  if (!headers->is_array()) return bad(where, "must be an array");
  if (headers->size() > limits::kWebhookHeaders) return bad(where, "has too many entries");
  for (std::size_t i = 0; i < headers->size(); ++i) {
    const auto entry = where + "[" + std::to_string(i) + "]";
    const Json& header = (*headers)[i];
    if (!header.is_object()) return bad(entry, "must be an object");
    PIGEOND_CHECK(check_keys(header, entry, keys, {"name", "value"}));
    PIGEOND_TRY(std::string name, read_text(header, "name", entry, true));
    PIGEOND_TRY(std::string value, read_text(header, "value", entry, true));
    if (name.size() + value.size() > limits::kHeaderValue) return bad(entry, "is too long");
    if (auto status = net::check_header({name, value}); !status) return bad(entry, status.error().detail);
    out.headers.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

// How deliveries go out: what WAHA has no word for.
Status read_delivery(const Json& object, const std::string& path, WebhookConfig& out) {
  int seconds = static_cast<int>(out.timeout / kSecond);
  PIGEOND_CHECK(read_whole(object, "timeoutSeconds", path, 1, limits::kWebhookTimeout, seconds));
  out.timeout = seconds * kSecond;
  PIGEOND_CHECK(read_whole(object, "connections", path, 1, limits::kWebhookConnections, out.connections));
  PIGEOND_CHECK(read_whole(object, "batch", path, 1, limits::kWebhookBatch, out.batch));
  PIGEOND_TRY(const std::string order, read_text(object, "order", path, false));
  if (!order.empty() && order != "chat" && order != "strict")
    return bad(path + ".order", "must be chat or strict");
  out.strict = order == "strict";
  return {};
}

// Entries of one URL share its queue, and how that is sent: they differ in their events only.
Status check_same_url(const std::vector<WebhookConfig>& before, WebhookConfig webhook,
                      const std::string& path) {
  for (const auto& other : before) {
    if (other.url != webhook.url) continue;
    webhook.topics = other.topics;
    if (webhook == other) continue;
    return bad(
        path + ".url",
        "is that of an entry before it, whose key, headers or other fields differ: join their events in "
        "one entry, or use another URL");
  }
  return {};
}

}  // namespace

Result<std::vector<WebhookConfig>> read_webhooks(const Json& webhooks, const std::string& path,
                                                 ConfigKeys keys) {
  std::vector<WebhookConfig> out;
  if (!webhooks.is_array()) return bad(path, "must be an array");
  if (webhooks.size() > limits::kWebhooks) return bad(path, "has too many entries");
  for (std::size_t i = 0; i < webhooks.size(); ++i) {
    const auto where = path + "[" + std::to_string(i) + "]";
    const Json& entry = webhooks[i];
    if (!entry.is_object()) return bad(where, "must be an object");
    WebhookConfig webhook;
    PIGEOND_CHECK(read_url(entry, where, webhook));
    PIGEOND_CHECK(read_events(entry, where, webhook, keys));
    PIGEOND_CHECK(read_hmac(entry, where, webhook, keys));
    PIGEOND_CHECK(read_retries(entry, where, webhook.retries, keys));
    PIGEOND_CHECK(read_headers(entry, where, webhook, keys));
    if (auto status = read_delivery(entry, where, webhook); !status && keys == ConfigKeys::known)
      return status.error();
    PIGEOND_CHECK(check_keys(entry, where, keys,
                             {"url", "events", "hmac", "retries", "customHeaders", "timeoutSeconds",
                              "connections", "order", "batch"}));
    if (keys == ConfigKeys::known) PIGEOND_CHECK(check_same_url(out, webhook, where));
    out.push_back(std::move(webhook));
  }
  return out;
}

}  // namespace pigeond::api::waha
