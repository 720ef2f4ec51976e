#include "api/waha/config/session_config.h"

#include "api/waha/config/fields.h"
#include "api/waha/config/proxy.h"
#include "base/json_depth.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

using gateway::SessionConfig;

Status read_flag(const Json& object, const char* name, const std::string& path, bool& out) {
  const Json* value = find(object, name);
  if (value == nullptr) return {};
  if (!value->is_boolean()) return bad(path + "." + name, "must be true or false");
  out = value->get<bool>();
  return {};
}

// It is in each event, and in each row of the journal.
Status read_metadata(const Json& config, SessionConfig& out, ConfigKeys keys) {
  const Json* metadata = find(config, "metadata");
  if (metadata == nullptr) return {};
  if (!metadata->is_object()) return bad("config.metadata", "must be an object");
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata->items()) {
    if (!value.is_string()) return bad("config.metadata." + name.substr(0, 64), "must be a string");
    bytes += name.size() + value.get_ref<const std::string&>().size();
    out.metadata.emplace(name, value.get<std::string>());
  }
  if (keys == ConfigKeys::any) return {};
  if (metadata->size() > limits::kMetadata)
    return bad("config.metadata", "has more than " + std::to_string(limits::kMetadata) + " entries");
  if (bytes > limits::kMetadataBytes)
    return bad("config.metadata",
               "its names and values are longer than " + std::to_string(limits::kMetadataBytes) + " bytes");
  return {};
}

Status read_ignore(const Json& config, SessionConfig& out) {
  const Json* ignore = find(config, "ignore");
  if (ignore == nullptr) return {};
  const std::string path = "config.ignore";
  if (!ignore->is_object()) return bad(path, "must be an object");
  PIGEOND_CHECK(read_flag(*ignore, "status", path, out.ignored.status));
  PIGEOND_CHECK(read_flag(*ignore, "groups", path, out.ignored.groups));
  PIGEOND_CHECK(read_flag(*ignore, "channels", path, out.ignored.channels));
  return read_flag(*ignore, "broadcast", path, out.ignored.broadcasts);
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

Result<SessionConfig> parse_session_config(std::string_view json, ConfigKeys keys) {
  SessionConfig out;
  out.raw = "{}";
  if (json.empty()) return out;
  if (json.size() > limits::kSessionConfig) return fail(Cause::too_large, "config: is too large");
  if (json_depth(json) > limits::kJsonDepth) return bad("config", "is nested too deep");
  const Json config = Json::parse(json, nullptr, false);
  if (config.is_discarded()) return bad("config", "is not valid JSON");
  if (!config.is_object()) return bad("config", "must be an object");
  out.raw = std::string(json);
  PIGEOND_TRY(out.proxy, read_proxy(config, keys));
  PIGEOND_CHECK(read_metadata(config, out, keys));
  // Stored ones may say it in other words.
  if (const Status debug = read_flag(config, "debug", "config", out.debug);
      !debug && keys == ConfigKeys::known)
    return debug.error();
  if (const Status previews = read_flag(config, "linkPreview", "config", out.link_previews);
      !previews && keys == ConfigKeys::known)
    return previews.error();
  PIGEOND_CHECK(read_ignore(config, out));
  PIGEOND_CHECK(read_sending(config, out));
  if (const Json* webhooks = find(config, "webhooks")) {
    PIGEOND_TRY(out.webhooks, read_webhooks(*webhooks, "config.webhooks", keys));
  }
  return out;
}

// What no longer can be read, and has the word, named a proxy: nobody knows which, and nothing goes past it.
Result<SessionConfig> read_stored_config(std::string_view raw) {
  auto config = parse_session_config(raw, ConfigKeys::any);
  if (config || raw.find("proxy") == std::string_view::npos) return config;
  SessionConfig closed;
  closed.raw = std::string(raw);
  closed.proxy = unusable_proxy(
      "the stored configuration names a proxy, and can't be read: configure the session anew (" +
      config.error().detail + ")");
  return closed;
}

Json shown_config(const SessionConfig& config) {
  Json json = Json::parse(config.raw, nullptr, false);
  return json.is_object() ? json : Json::object();
}

}  // namespace pigeond::api::waha
