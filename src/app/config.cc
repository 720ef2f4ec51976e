#include "app/config.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "api/cors.h"
#include "app/ini_file.h"
#include "base/text.h"
#include "net/address.h"
#include "wire/certificate.h"

extern char** environ;

namespace pigeond::app {
namespace {

// Each setter returns what is wrong with the value, or nothing.
using Setter = std::string (*)(Config&, const std::string&);

struct Key {
  const char* section;
  const char* name;
  Setter set;
};

// "" and the number in `out`, or what is wrong.
std::string read_number(const std::string& value, std::uint64_t largest, int& out) {
  const auto number = parse_unsigned(value);
  if (!number || *number > largest) return "must be a number from 0 to " + std::to_string(largest);
  out = static_cast<int>(*number);
  return {};
}

std::string set_url(Config& config, const std::string& value) {
  const auto url = net::parse_url(value);
  if (!url) return "is not a URL (" + url.error().detail + ")";
  if (url->scheme != "ws" && url->scheme != "wss") return "must be a ws:// or wss:// URL";
  config.whatsapp.url = value;
  return {};
}

std::string set_root_key(Config& config, const std::string& value) {
  const auto bytes = parse_hex(value);
  if (!bytes || bytes->size() != config.profile.root_key.size()) return "must be 64 hex digits";
  std::copy(bytes->begin(), bytes->end(), config.profile.root_key.begin());
  return {};
}

std::string set_ca_file(Config& config, const std::string& value) {
  config.whatsapp.ca_file = value;
  return {};
}

std::string set_version(Config& config, const std::string& value) {
  const auto parts = split(value, '.');
  auto& version = config.profile.version;
  std::uint32_t* const numbers[] = {&version.primary, &version.secondary, &version.revision};
  if (parts.size() != std::size(numbers)) return "must be three numbers, as in 2.3000.1045649367";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = parse_unsigned(parts[i]);
    if (!number || *number > 0xFFFFFFFFu) return "must be three numbers, as in 2.3000.1045649367";
    *numbers[i] = static_cast<std::uint32_t>(*number);
  }
  config.whatsapp.version_set = true;
  return {};
}

std::string set_version_url(Config& config, const std::string& value) {
  if (!value.empty()) {
    const auto url = net::parse_url(value);
    if (!url) return "is not a URL (" + url.error().detail + ")";
    if (url->scheme != "http" && url->scheme != "https")
      return "must be an http:// or https:// URL, or empty";
  }
  config.whatsapp.version_url = value;
  return {};
}

std::string set_device_name(Config& config, const std::string& value) {
  if (value.empty() || value.size() > 50 || !is_valid_utf8(value)) return "must be 1 to 50 bytes of UTF-8";
  config.profile.device_name = value;
  return {};
}

std::string set_listen(Config& config, const std::string& value) {
  config.api.listen.clear();
  for (const auto part : split(value, ',')) {
    const std::string address(trim(part));
    if (address != "localhost" && !net::parse_ip(address, 0))
      return "must be an IP address, or localhost, or several with commas between them";
    config.api.listen.push_back(address);
  }
  return {};
}

std::string set_unix(Config& config, const std::string& value) {
  if (!value.empty() && value.front() != '/') return "must be the path of a socket, from / on";
  if (value.size() > 107) return "must have at most 107 bytes";  // sockaddr_un
  config.api.unix_path = value;
  return {};
}

std::string set_unix_mode(Config& config, const std::string& value) {
  unsigned mode = 0;
  for (const char c : value) {
    if (c < '0' || c > '7' || mode > 0777) return "must be octal permissions such as 0660";
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  if (value.empty() || mode > 0777) return "must be octal permissions such as 0660";
  config.api.unix_mode = mode;
  return {};
}

std::string set_tls_cert(Config& config, const std::string& value) {
  config.api.tls_cert = value;
  return {};
}

std::string set_tls_key(Config& config, const std::string& value) {
  config.api.tls_key = value;
  return {};
}

std::string set_cors(Config& config, const std::string& value) {
  if (auto cors = api::Cors::parse(value); !cors) return cors.error().detail;
  config.api.cors = value;
  return {};
}

std::string set_port(Config& config, const std::string& value) {
  return read_number(value, 65535, config.api.port);
}

std::string set_api_key(Config& config, const std::string& value) {
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 127; });
  if (!printable) return "must be printable ASCII without spaces";
  if (!value.empty() && value.size() < 8) return "must have at least 8 characters";
  config.api.key = value;
  return {};
}

std::string set_path(Config& config, const std::string& value) {
  if (value.empty()) return "must name a file";
  config.store.path = value;
  return {};
}

std::string set_backup_hours(Config& config, const std::string& value) {
  return read_number(value, 8760, config.store.backup_hours);
}

std::string set_keep_days(Config& config, const std::string& value) {
  return read_number(value, 36500, config.store.keep_days);
}

std::string set_keep_messages(Config& config, const std::string& value) {
  return read_number(value, 1000000000, config.store.keep_messages);
}

std::string set_idempotency_keys(Config& config, const std::string& value) {
  return read_number(value, 100000000, config.store.idempotency_keys);
}

std::string set_keep_events(Config& config, const std::string& value) {
  const auto hours = parse_unsigned(value);
  if (!hours || *hours < 1 || *hours > 8760) return "must be a number from 1 to 8760";
  config.events.keep_hours = static_cast<int>(*hours);
  return {};
}

std::string set_most_events(Config& config, const std::string& value) {
  return read_number(value, 100000000, config.events.limit);
}

std::string set_restarts(Config& config, const std::string& value) {
  const auto number = parse_unsigned(value);
  if (!number || *number > 100) return "must be a number from 0 to 100";
  config.sessions.restarts = static_cast<int>(*number);
  return {};
}

std::string set_level(Config& config, const std::string& value) {
  constexpr std::pair<std::string_view, log::Level> kLevels[] = {{"error", log::Level::error},
                                                                 {"warning", log::Level::warning},
                                                                 {"notice", log::Level::notice},
                                                                 {"info", log::Level::info},
                                                                 {"debug", log::Level::debug}};
  for (const auto& [name, level] : kLevels) {
    if (value != name) continue;
    config.log.level = level;
    return {};
  }
  return "must be error, warning, notice, info or debug";
}

std::string set_networks(net::NetworkSet& networks, const std::string& value) {
  auto parsed = net::NetworkSet::parse(value);
  if (!parsed) return parsed.error().detail;
  networks = std::move(*parsed);
  return {};
}

std::string set_allow_networks(Config& config, const std::string& value) {
  return set_networks(config.webhooks.networks.allow, value);
}

std::string set_deny_networks(Config& config, const std::string& value) {
  return set_networks(config.webhooks.networks.deny, value);
}

std::string set_previews(Config& config, const std::string& value) {
  if (value != "yes" && value != "no") return "must be yes or no";
  config.previews.enabled = value == "yes";
  return {};
}

std::string set_preview_allow(Config& config, const std::string& value) {
  return set_networks(config.previews.networks.allow, value);
}

std::string set_preview_deny(Config& config, const std::string& value) {
  return set_networks(config.previews.networks.deny, value);
}

std::string set_media_url(Config& config, const std::string& value) {
  if (!value.empty()) {
    const auto url = net::parse_url(value);
    if (!url) return "is not a URL (" + url.error().detail + ")";
    if (url->scheme != "http" && url->scheme != "https")
      return "must be an http:// or https:// URL, or empty";
  }
  config.media.url = value;
  while (config.media.url.ends_with('/')) config.media.url.pop_back();
  return {};
}

std::string set_link_days(Config& config, const std::string& value) {
  const auto days = parse_unsigned(value);
  if (!days || *days < 1 || *days > 3650) return "must be a number from 1 to 3650";
  config.media.link_days = static_cast<int>(*days);
  return {};
}

std::string set_media_days(Config& config, const std::string& value) {
  return read_number(value, 36500, config.media.keep_days);
}

std::string set_media_limit(Config& config, const std::string& value) {
  return read_number(value, 10000000, config.media.limit_mb);
}

std::string set_largest(Config& config, const std::string& value) {
  const auto size = parse_unsigned(value);
  if (!size || *size < 1 || *size > 2048) return "must be a number from 1 to 2048";
  config.media.largest_mb = static_cast<int>(*size);
  return {};
}

constexpr Key kKeys[] = {
    {"whatsapp", "url", set_url},
    {"whatsapp", "root_key", set_root_key},
    {"whatsapp", "ca_file", set_ca_file},
    {"whatsapp", "version", set_version},
    {"whatsapp", "version_url", set_version_url},
    {"whatsapp", "device_name", set_device_name},
    {"api", "listen", set_listen},
    {"api", "port", set_port},
    {"api", "key", set_api_key},
    {"api", "unix", set_unix},
    {"api", "unix_mode", set_unix_mode},
    {"api", "tls_cert", set_tls_cert},
    {"api", "tls_key", set_tls_key},
    {"api", "cors", set_cors},
    {"store", "path", set_path},
    {"store", "backup_hours", set_backup_hours},
    {"store", "keep_days", set_keep_days},
    {"store", "keep_messages", set_keep_messages},
    {"store", "idempotency_keys", set_idempotency_keys},
    {"events", "keep_hours", set_keep_events},
    {"events", "limit", set_most_events},
    {"webhooks", "allow_networks", set_allow_networks},
    {"webhooks", "deny_networks", set_deny_networks},
    {"previews", "enabled", set_previews},
    {"previews", "allow_networks", set_preview_allow},
    {"previews", "deny_networks", set_preview_deny},
    {"media", "url", set_media_url},
    {"media", "link_days", set_link_days},
    {"media", "keep_days", set_media_days},
    {"media", "limit_mb", set_media_limit},
    {"media", "largest_mb", set_largest},
    {"sessions", "restarts", set_restarts},
    {"log", "level", set_level},
};

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string variable(const Key& key) {
  return "PIGEOND_" + upper(key.section) + "_" + upper(key.name);
}

struct Reading {
  Config& config;
  std::set<std::pair<std::string, std::string>> seen;
};

std::string read_key(Reading& reading, const std::string& section, const std::string& name,
                     const std::string& value) {
  const bool known_section =
      std::any_of(std::begin(kKeys), std::end(kKeys), [&](const Key& key) { return section == key.section; });
  if (section.empty()) return name + ": stands before any [section]";
  if (!known_section) return "[" + section + "]: there is no such section";
  const auto where = "[" + section + "] " + name;
  for (const Key& key : kKeys) {
    if (section != key.section || name != key.name) continue;
    if (!reading.seen.emplace(section, name).second) return where + ": is given twice";
    const auto wrong = key.set(reading.config, value);
    return wrong.empty() ? std::string() : where + ": " + wrong;
  }
  return where + ": there is no such key";
}

Status read_file(Config& config, const std::string& file) {
  PIGEOND_TRY(const auto values, read_ini(file));
  Reading reading{config, {}};
  for (const auto& each : values) {
    const std::string wrong = read_key(reading, each.section, each.name, each.value);
    if (!wrong.empty()) return fail(Cause::bad_input, file + ": " + wrong);
  }
  return {};
}

Status read_environment(Config& config, const Environment& environment,
                        const std::vector<std::string>& names) {
  for (const Key& key : kKeys) {
    const auto value = environment(variable(key));
    if (!value) continue;
    const auto wrong = key.set(config, *value);
    if (!wrong.empty()) return fail(Cause::bad_input, variable(key) + ": " + wrong);
  }
  // Only within our sections: other programs of this family have variables of their own.
  for (const auto& name : names) {
    const bool known = std::any_of(std::begin(kKeys), std::end(kKeys),
                                   [&](const Key& key) { return variable(key) == name; });
    const bool ours = std::any_of(std::begin(kKeys), std::end(kKeys), [&](const Key& key) {
      return name.rfind("PIGEOND_" + upper(key.section) + "_", 0) == 0;
    });
    if (ours && !known) return fail(Cause::bad_input, name + ": there is no such key");
  }
  return {};
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

Result<Config> load_config(const std::string& file, const Environment& environment,
                           const std::vector<std::string>& names) {
  Config config;
  config.profile.root_key = wire::kWhatsAppRootKey;
  // Link-local: where clouds hand out credentials to whoever asks from the machine itself.
  set_deny_networks(config, "169.254.0.0/16, fe80::/10, fd00:ec2::254");
  // The networks of RFC 6890's registries that may lead to a neighbour: a stranger's link would ask him.
  set_preview_deny(config,
                   "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, "
                   "192.0.0.0/24, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3, ::/127, fc00::/7, fe80::/10, "
                   "ff00::/8, fec0::/10, 64:ff9b:1::/48, 100::/64");
  if (!file.empty()) PIGEOND_CHECK(read_file(config, file));
  PIGEOND_CHECK(read_environment(config, environment, names));
  if (config.api.tls_cert.empty() != config.api.tls_key.empty()) {
    return fail(Cause::bad_input, std::string("[api] ") +
                                      (config.api.tls_key.empty() ? "tls_key" : "tls_cert") +
                                      ": is missing; TLS needs both");
  }
  return config;
}

bool is_whatsapp(const Config& config) {
  const auto url = net::parse_url(config.whatsapp.url);
  return url && url->host == "web.whatsapp.com";
}

std::string version_url_of(const Config& config) {
  if (config.whatsapp.version_url) return *config.whatsapp.version_url;
  return is_whatsapp(config) ? "https://web.whatsapp.com/sw.js" : "";
}

Status check_files(const Config& config) {
  // What is not there yet may come, e.g. with a mount. What may not be read or written stays so.
  const auto missing = [](const std::string& what, int code) {
    const bool heals = code == ENOENT || code == EROFS || code == EIO;
    return fail(heals ? Cause::io : Cause::bad_input, what + ": " + std::strerror(code), code);
  };
  const std::pair<std::string, const std::string&> files[] = {
      {"[whatsapp] ca_file: ", config.whatsapp.ca_file},
      {"[api] tls_cert: ", config.api.tls_cert},
      {"[api] tls_key: ", config.api.tls_key}};
  for (const auto& [key, file] : files) {
    if (!file.empty() && access(file.c_str(), R_OK) != 0) return missing(key + file, errno);
  }
  auto folder = std::filesystem::path(config.store.path).parent_path();
  if (folder.empty()) folder = ".";
  const auto named = "[store] path: " + folder.string();
  if (access(folder.c_str(), W_OK | X_OK) != 0) return missing(named, errno);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return missing(named, ENOTDIR);
  const auto there = std::filesystem::status(config.store.path, ignored);
  if (std::filesystem::is_directory(there))
    return fail(Cause::bad_input, "[store] path: " + config.store.path + " is a directory");
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
    return fail(Cause::bad_input, "[store] path: " + config.store.path + " is not a file");
  return {};
}

}  // namespace pigeond::app
