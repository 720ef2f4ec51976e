#include "gateway/session_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "base/limits.h"
#include "net/address.h"
#include "net/http_head.h"

namespace pigeond::gateway {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 32> kEvents = {
    "session.status",   "message",
    "message.any",      "message.reaction",
    "message.ack",      "message.ack.group",
    "message.waiting",  "message.edited",
    "message.revoked",  "chat.archive",
    "group.v2.join",    "group.v2.leave",
    "group.v2.update",  "group.v2.participants",
    "presence.update",  "group.v2.participants.join-request",
    "poll.vote",        "poll.vote.failed",
    "event.response",   "event.response.failed",
    "label.upsert",     "label.deleted",
    "label.chat.added", "label.chat.deleted",
    "call.received",    "call.accepted",
    "call.rejected",    "engine.event",
    "state.change",     "group.join",
    "group.leave",      "*",
};

Error bad(const std::string& path, const std::string& why) {
  return fail(Cause::bad_input, path + ": " + why);
}

// A member of an object that is there and not null; nullptr otherwise.
const Json* find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> read_text(const Json& object, const char* name, const std::string& path, bool required) {
  const Json* value = find(object, name);
  const auto where = path + "." + name;
  if (value == nullptr) {
    if (required) return bad(where, "is required");
    return std::string();
  }
  if (!value->is_string()) return bad(where, "must be a string");
  return value->get<std::string>();
}

Status read_flag(const Json& object, const char* name, const std::string& path, bool& out) {
  const Json* value = find(object, name);
  if (value == nullptr) return {};
  if (!value->is_boolean()) return bad(path + "." + name, "must be true or false");
  out = value->get<bool>();
  return {};
}

Status read_url(const Json& object, const std::string& path, WebhookConfig& out) {
  PIGEOND_TRY(out.url, read_text(object, "url", path, true));
  const auto where = path + ".url";
  if (out.url.size() > limits::kWebhookUrl) return bad(where, "is too long");
  const auto url = net::parse_url(out.url);
  if (!url) return bad(where, "must be an http or https URL (" + url.error().detail + ")");
  if (url->scheme != "http" && url->scheme != "https") return bad(where, "must be an http or https URL");
  return {};
}

Status read_events(const Json& object, const std::string& path, WebhookConfig& out) {
  const Json* events = find(object, "events");
  const auto where = path + ".events";
  if (events == nullptr) return bad(where, "is required");
  if (!events->is_array()) return bad(where, "must be an array of event names");
  if (events->size() > limits::kWebhookEvents) return bad(where, "has too many entries");
  for (std::size_t i = 0; i < events->size(); ++i) {
    const auto entry = where + "[" + std::to_string(i) + "]";
    if (!(*events)[i].is_string()) return bad(entry, "must be a string");
    auto name = (*events)[i].get<std::string>();
    if (!is_event_name(name)) return bad(entry, "is not the name of an event");
    out.events.push_back(std::move(name));
  }
  return {};
}

Status read_hmac(const Json& object, const std::string& path, WebhookConfig& out) {
  const Json* hmac = find(object, "hmac");
  if (hmac == nullptr) return {};
  const auto where = path + ".hmac";
  if (!hmac->is_object()) return bad(where, "must be an object");
  PIGEOND_TRY(out.hmac_key, read_text(*hmac, "key", where, false));
  if (out.hmac_key.size() > limits::kHeaderValue) return bad(where + ".key", "is too long");
  return {};
}

Status read_retries(const Json& object, const std::string& path, RetryPolicy& out) {
  const Json* retries = find(object, "retries");
  if (retries == nullptr) return {};
  const auto where = path + ".retries";
  if (!retries->is_object()) return bad(where, "must be an object");
  if (const Json* delay = find(*retries, "delaySeconds")) {
    if (!delay->is_number()) return bad(where + ".delaySeconds", "must be a number");
    out.delay_seconds = delay->get<double>();
    if (!std::isfinite(out.delay_seconds) || out.delay_seconds < 0 || out.delay_seconds > 86400)
      return bad(where + ".delaySeconds", "must be 0 to 86400");
  }
  if (const Json* attempts = find(*retries, "attempts")) {
    const bool fits =
        attempts->is_number_integer() && attempts->get<double>() >= 0 && attempts->get<double>() <= 1000;
    if (!fits) return bad(where + ".attempts", "must be a whole number from 0 to 1000");
    out.attempts = attempts->get<int>();
  }
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

Status read_headers(const Json& object, const std::string& path, WebhookConfig& out) {
  const Json* headers = find(object, "customHeaders");
  if (headers == nullptr) return {};
  const auto where = path + ".customHeaders";
  if (!headers->is_array()) return bad(where, "must be an array");
  if (headers->size() > limits::kWebhookHeaders) return bad(where, "has too many entries");
  for (std::size_t i = 0; i < headers->size(); ++i) {
    const auto entry = where + "[" + std::to_string(i) + "]";
    const Json& header = (*headers)[i];
    if (!header.is_object()) return bad(entry, "must be an object");
    PIGEOND_TRY(std::string name, read_text(header, "name", entry, true));
    PIGEOND_TRY(std::string value, read_text(header, "value", entry, true));
    if (name.size() + value.size() > limits::kHeaderValue) return bad(entry, "is too long");
    if (auto status = net::check_header({name, value}); !status) return bad(entry, status.error().detail);
    out.headers.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

Status read_webhooks(const Json& config, SessionConfig& out) {
  const Json* webhooks = find(config, "webhooks");
  if (webhooks == nullptr) return {};
  if (!webhooks->is_array()) return bad("config.webhooks", "must be an array");
  if (webhooks->size() > limits::kWebhooks) return bad("config.webhooks", "has too many entries");
  for (std::size_t i = 0; i < webhooks->size(); ++i) {
    const auto path = "config.webhooks[" + std::to_string(i) + "]";
    const Json& entry = (*webhooks)[i];
    if (!entry.is_object()) return bad(path, "must be an object");
    WebhookConfig webhook;
    PIGEOND_CHECK(read_url(entry, path, webhook));
    PIGEOND_CHECK(read_events(entry, path, webhook));
    PIGEOND_CHECK(read_hmac(entry, path, webhook));
    PIGEOND_CHECK(read_retries(entry, path, webhook.retries));
    PIGEOND_CHECK(read_headers(entry, path, webhook));
    out.webhooks.push_back(std::move(webhook));
  }
  return {};
}

Status read_metadata(const Json& config, SessionConfig& out) {
  const Json* metadata = find(config, "metadata");
  if (metadata == nullptr) return {};
  if (!metadata->is_object()) return bad("config.metadata", "must be an object");
  for (const auto& [name, value] : metadata->items()) {
    if (!value.is_string()) return bad("config.metadata." + name, "must be a string");
    out.metadata.emplace(name, value.get<std::string>());
  }
  return {};
}

Status read_ignore(const Json& config, SessionConfig& out) {
  const Json* ignore = find(config, "ignore");
  if (ignore == nullptr) return {};
  const std::string path = "config.ignore";
  if (!ignore->is_object()) return bad(path, "must be an object");
  PIGEOND_CHECK(read_flag(*ignore, "status", path, out.ignore_status));
  PIGEOND_CHECK(read_flag(*ignore, "groups", path, out.ignore_groups));
  PIGEOND_CHECK(read_flag(*ignore, "channels", path, out.ignore_channels));
  return read_flag(*ignore, "broadcast", path, out.ignore_broadcast);
}

Status read_sending(const Json& config, SessionConfig& out) {
  if (const Json* outbox = find(config, "outbox")) {
    if (!outbox->is_object()) return bad("config.outbox", "must be an object");
    if (const Json* seconds = find(*outbox, "expiresIn")) {
      const bool fits = seconds->is_number_integer() && seconds->get<double>() >= 0 &&
                        seconds->get<double>() <= static_cast<double>(limits::kExpiry);
      if (!fits)
        return bad("config.outbox.expiresIn",
                   "must be a whole number of seconds from 0 (never) to " + std::to_string(limits::kExpiry));
      out.expires_in = seconds->get<Millis>() * kSecond;
    }
  }
  PIGEOND_TRY(const std::string pacing, read_text(config, "pacing", "config", false));
  if (pacing.empty() || pacing == "default") {
    out.pacing = engine::PacingPolicy::standard;
  } else if (pacing == "off") {
    out.pacing = engine::PacingPolicy::off;
  } else if (pacing == "strict") {
    out.pacing = engine::PacingPolicy::strict;
  } else {
    return bad("config.pacing", "must be off, default or strict");
  }
  return {};
}

}  // namespace

Result<SessionConfig> parse_session_config(std::string_view json) {
  SessionConfig out;
  if (json.empty()) return out;
  if (json.size() > limits::kSessionConfig) return fail(Cause::too_large, "config: is too large");
  if (json_depth(json) > limits::kJsonDepth) return bad("config", "is nested too deep");
  const Json config = Json::parse(json, nullptr, false);
  if (config.is_discarded()) return bad("config", "is not valid JSON");
  if (!config.is_object()) return bad("config", "must be an object");
  out.raw = std::string(json);
  PIGEOND_CHECK(read_metadata(config, out));
  PIGEOND_CHECK(read_ignore(config, out));
  PIGEOND_CHECK(read_sending(config, out));
  PIGEOND_CHECK(read_webhooks(config, out));
  return out;
}

bool is_event_name(std::string_view name) {
  return std::find(kEvents.begin(), kEvents.end(), name) != kEvents.end();
}

bool subscribes(const WebhookConfig& webhook, std::string_view event) {
  const bool explicit_only = event == "state.change" || event == "engine.event";
  for (const auto& name : webhook.events) {
    if (name == event || (name == "*" && !explicit_only)) return true;
  }
  return false;
}

Status check_session_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > limits::kSessionName || !std::all_of(name.begin(), name.end(), allowed)) {
    return fail(Cause::bad_input, "name: must be 1 to 54 characters of a-z, A-Z, 0-9, _ and -");
  }
  return {};
}

}  // namespace pigeond::gateway
