// The version of the web client that all sessions announce, kept at the newest that is known. Its own site is
// asked for it once a day, and when the service seems to want another one. A number is only ever raised, and
// stays in the database; a version that was configured is not touched, and nobody is asked.
//
// On the loop thread but for state(). The request goes out over the gateway's own HTTP client, with limits of
// size and time, and holds up nobody.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/context.h"
#include "engine/effects.h"
#include "gateway/client_version/state.h"
#include "net/http/client/client.h"
#include "net/loop.h"
#include "store/client_version.h"
#include "store/database/database.h"

namespace pigeond::gateway {

struct ClientVersionOptions {
  std::string url;          // of the web client's service worker; "": it is not looked up
  bool configured = false;  // the profile's version is a person's
  bool judged = false;      // the service is WhatsApp itself, to which a version's age matters
};

class ClientVersionWatch {
 public:
  struct Callbacks {
    std::function<void()> raised;        // engines should know
    std::function<bool()> can_be_kept;   // there is a database
    std::function<net::ProxyRef()> way;  // through what the site is asked; none: directly
  };

  // All references outlive it. Raises the version of `profile`.
  ClientVersionWatch(net::Loop& loop, net::HttpSender& http, store::Database& database,
                     engine::ClientProfile& profile, ClientVersionOptions options, std::string ca_file,
                     Callbacks callbacks);
  ~ClientVersionWatch();

  void load();   // what is stored; inside a unit of work
  void start();  // looks, if the last look is a day old
  // The service refused a version, or may have: looks now, or ten seconds after the last look.
  void doubted();
  // A device is about to be linked, which takes a newer version than a login: looks, unless that was done
  // lately.
  void linking();
  void told(const engine::ExpiryTold& expiry);

  ClientVersionState state() const;  // from any thread

 private:
  bool looks() const { return !options_.url.empty() && !options_.configured; }
  void plan(Millis mono);
  void due();
  void look();
  void answered(const Result<net::HttpResponse>& answer);
  void learnt(std::uint32_t revision);
  void keep();
  void show();
  void warn() const;

  net::Loop& loop_;
  net::HttpSender& http_;
  store::Database& database_;
  engine::ClientProfile& profile_;
  const ClientVersionOptions options_;
  const std::string ca_file_;
  const Callbacks callbacks_;
  store::ClientVersionRow row_;
  std::string trouble_;
  std::optional<net::HttpSender::Id> request_;
  bool doubted_ = false;            // while that is under way
  std::optional<Millis> asked_at_;  // mono, the last look
  net::Loop::TimerId timer_ = 0;
  std::optional<Millis> planned_;  // mono

  mutable std::mutex mutex_;
  ClientVersionState state_;
};

}  // namespace pigeond::gateway
