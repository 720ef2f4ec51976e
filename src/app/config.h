// The configuration: an ini file, each key of which the environment can override as PIGEOND_<SECTION>_<KEY>.
// etc/pigeond.ini shows every key with its default. Nothing is opened here but the file itself; a key, value
// or file that is wrong is one error that names it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "engine/context.h"
#include "net/networks.h"

namespace pigeond::app {

struct Config {
  struct {
    std::string url = "wss://web.whatsapp.com/ws/chat";
    std::string ca_file;  // empty: the system's bundle
    // Where the web client's version is looked up; empty: nowhere. Not set: see version_url_of().
    std::optional<std::string> version_url;
    bool version_set = false;  // by a person: it is not raised then
  } whatsapp;
  engine::ClientProfile profile;  // root key, version and device name of [whatsapp]
  struct {
    std::vector<std::string> listen = {"127.0.0.1"};  // IP addresses, or localhost; at least one
    int port = 3000;
    std::string unix_path;          // empty: no unix socket
    unsigned unix_mode = 0660;      // permissions of the socket
    std::string tls_cert, tls_key;  // PEM files; both or none
    std::string cors;               // origins; empty: none
    std::string key;                // empty: one is made at the first start, and kept beside the store
  } api;
  struct {
    std::string path = "/var/lib/pigeond/pigeond.db";
    int backup_hours = 24;       // 0: no backups
    int keep_days = 30;          // 0: for ever
    int keep_messages = 100000;  // 0: any number
    int idempotency_keys = 1000000;
  } store;
  struct {
    int keep_hours = 24;  // for streams that come back
    int limit = 100000;   // the newest, of all sessions; 0: any number
  } events;
  struct {
    net::NetworkRules networks;  // where requests may go
  } webhooks;
  struct {
    bool enabled = true;         // pages that texts link to are fetched
    net::NetworkRules networks;  // where they may be
  } previews;
  struct {
    std::string url;       // before the addresses of files; empty: that of the API
    int link_days = 7;     // that such an address is good for
    int keep_days = 7;     // since somebody wanted a file; 0: for ever
    int limit_mb = 1024;   // of all files together; 0: any number
    int largest_mb = 100;  // of one that is fetched
  } media;
  struct {
    int restarts = 5;  // of a session whose sends fail, within an hour
  } sessions;
  struct {
    log::Level level = log::Level::info;
  } log;
};

bool is_whatsapp(const Config& config);  // not a server that stands in for it
// Of WhatsApp it is its own script. A server that stands in for it says where, or nowhere is asked.
std::string version_url_of(const Config& config);

// Reads environment variables: nullopt for one that is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
// The names of all variables of this process, to find misspelt ones.
std::vector<std::string> environment_names();

// `file` may be empty: defaults and environment only. bad_input, e.g.
//   "/etc/pigeond.ini: [api] port: must be a number from 0 to 65535"
//   "PIGEOND_API_PROT: there is no such key"
Result<Config> load_config(const std::string& file, const Environment& environment,
                           const std::vector<std::string>& names);

// What only a start needs: the CA file is readable and the store's directory is there and writable. bad_input
// if that can't come right by itself, else io, as when something is not mounted yet.
Status check_files(const Config& config);

}  // namespace pigeond::app
