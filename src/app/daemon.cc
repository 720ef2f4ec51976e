#include "app/daemon.h"

#include <malloc.h>
#include <pthread.h>

#include <filesystem>
#include <string>
#include <utility>

#include "api/waha/config/session_config.h"
#include "api/waha/events.h"
#include "app/key_file.h"
#include "base/log.h"

namespace pigeond::app {
namespace {

constexpr Millis kTidy = 10 * kSecond;

std::string beside_store(const Config& config, const char* name) {
  return (std::filesystem::path(config.store.path).parent_path() / name).string();
}

gateway::MediaOptions media_options(const Config& config, const std::string& secret) {
  gateway::MediaOptions options;
  options.folder = beside_store(config, "media");
  options.secret = to_bytes(as_bytes(secret));
  options.limits = {config.media.keep_days * kDay, static_cast<std::uint64_t>(config.media.limit_mb) << 20};
  options.most = static_cast<std::uint64_t>(config.media.largest_mb) << 20;
  options.tls = config.whatsapp.url.starts_with("wss:");
  options.ca_file = config.whatsapp.ca_file;
  return options;
}

}  // namespace

std::string api_socket_of(const Config& config) {
  if (!config.api.unix_path.empty() || config.api.tls_cert.empty()) return config.api.unix_path;
  return beside_store(config, "api.sock");
}

std::string local_url(const std::string& listen, int port, bool tls) {
  std::string host = listen;
  if (listen == "0.0.0.0") host = "127.0.0.1";
  if (listen == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

void tune_memory() {
  // glibc gives each thread an arena of its own; with a few short-lived HTTP threads that is memory for
  // nothing.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 64 * 1024);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

Result<std::unique_ptr<Daemon>> Daemon::open(Options options) {
  auto daemon = std::unique_ptr<Daemon>(new Daemon(std::move(options)));
  PIGEOND_CHECK(daemon->open());
  return daemon;
}

Daemon::~Daemon() {
  if (server_) server_->stop();
}

Status Daemon::choose_key() {
  key_ = options_.config.api.key;
  if (!key_.empty()) return {};
  const auto file = key_file_of(options_.config.store.path);
  bool made = false;
  PIGEOND_TRY(key_, read_or_make_key_file(file, random_, made));
  if (made) log::notice("API key made", {{"file", file}});
  return {};
}

Status Daemon::open() {
  const Config& config = options_.config;
  bool made = false;
  gateway::Options options;
  options.store_path = config.store.path;
  options.whatsapp_url = config.whatsapp.url;
  options.ca_file = config.whatsapp.ca_file;
  options.profile = config.profile;
  options.client_version = {version_url_of(config), config.whatsapp.version_set, is_whatsapp(config)};
  options.backup_interval = config.store.backup_hours * kHour;
  options.keep = config.store.keep_days * kDay;
  options.keep_messages = config.store.keep_messages;
  options.keep_events = config.events.keep_hours * kHour;
  options.most_events = config.events.limit;
  options.idempotency_keys = config.store.idempotency_keys;
  options.restarts = config.sessions.restarts;
  options.webhook_networks = config.webhooks.networks;
  options.link_previews = config.previews.enabled;
  options.preview_networks = config.previews.networks;
  options.read_config = api::waha::read_stored_config;
  PIGEOND_TRY(const std::string secret,
              read_or_make_key_file(beside_store(config, "media.key"), random_, made));
  links_ = std::make_shared<api::MediaLinks>(config.media.url, to_bytes(as_bytes(secret)),
                                             config.media.link_days * kDay);
  options.event_format = std::make_shared<api::waha::Events>(links_);
  options.media = media_options(config, secret);
  options.version = PIGEOND_VERSION;
  options.user_agent = "pigeond/" PIGEOND_VERSION;
  PIGEOND_TRY(gateway_, gateway::Gateway::open(std::move(options), clock_, random_));
  PIGEOND_CHECK(choose_key());  // where there is no store no key is made beside it
  api::ServerOptions server;
  server.listen = config.api.listen;
  server.port = config.api.port;
  server.unix_path = api_socket_of(config);
  server.unix_mode = config.api.unix_path.empty() ? 0600 : config.api.unix_mode;
  server.tls_cert = config.api.tls_cert;
  server.tls_key = config.api.tls_key;
  PIGEOND_TRY(server.cors, api::Cors::parse(config.api.cors));
  server.key = key_;
  server.version = PIGEOND_VERSION;
  server.links = links_;
  server_ = std::make_unique<api::Server>(*gateway_, std::move(server));
  PIGEOND_CHECK(server_->start());
  if (config.media.url.empty()) links_->set_base(base_url());
  log::notice("listening", {{"url", base_url()}, {"version", PIGEOND_VERSION}});
  return {};
}

void Daemon::run() {
  gateway::RunHooks hooks;
  hooks.on_started = [this] { options_.notifier.ready(); };
  hooks.on_counts = [this](const gateway::Counts& counts) { options_.notifier.status(status_line(counts)); };
  hooks.on_removed = [this](const std::string& session) { server_->session_removed(session); };
  hooks.on_restored = [this] { server_->restored(); };
  hooks.on_event = options_.on_event;
  // What a login or a burst took lies free in glibc's heap, below what is still in use.
  hooks.on_tidy = [] { malloc_trim(0); };
  hooks.tidy = kTidy;
  if (options_.watchdog > 0) {
    hooks.heartbeat = options_.watchdog;
    hooks.probe = [this](std::function<void()> alive) { server_->prove(std::move(alive)); };
    hooks.on_heartbeat = [this] { options_.notifier.watchdog(); };
  }
  gateway_->run(std::move(hooks));
  server_->stop();
  log::notice("stopped");
}

void Daemon::stop() {
  options_.notifier.stopping();
  server_->stop_accepting();
  gateway_->stop();
}

void Daemon::reload(const Config& fresh) {
  log::set_level(fresh.log.level);
  if (const auto renewed = server_->reload_tls(); !renewed)
    log::error("TLS certificate kept as it was", {{"detail", renewed.error().detail}});
  std::string key = fresh.api.key;
  if (key.empty()) {
    auto stored = read_key_file(key_file_of(options_.config.store.path));
    if (!stored) {
      log::error("API key kept as it was", {{"detail", stored.error().detail}});
      return;
    }
    key = *stored;
  }
  const std::lock_guard lock(mutex_);
  if (key != key_) server_->set_key(key);
  key_ = std::move(key);
}

std::string Daemon::key() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

std::string Daemon::base_url() const {
  const auto& api = options_.config.api;
  return local_url(api.listen.front(), server_->port(), !api.tls_cert.empty());
}

}  // namespace pigeond::app
