// The gateway and its REST API as one process: opened, run until stop(), with systemd told how it is going.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "api/server.h"
#include "app/config.h"
#include "app/notify.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/gateway.h"

namespace pigeond::app {

class Daemon {
 public:
  struct Options {
    Config config;
    Notifier notifier = Notifier("");
    Millis watchdog = 0;  // ms between heartbeats; 0: none
    // Each committed event, on the thread of run(). Optional.
    std::function<void(const gateway::EventSession&, const gateway::Event&)> on_event;
  };

  // Opens the store and makes the API listen. bad_input is a configuration that can't work.
  static Result<std::unique_ptr<Daemon>> open(Options options);
  ~Daemon();

  void run();                        // on this thread, until stop()
  void stop();                       // from any thread
  void reload(const Config& fresh);  // what can change while running: log level, API key, and what is in
                                     // the files of the certificate

  gateway::Gateway& gateway() { return *gateway_; }
  std::string key() const;
  std::string base_url() const;  // http://127.0.0.1:3000: reaches the API from this machine

 private:
  explicit Daemon(Options options) : options_(std::move(options)) {}
  Status open();
  Status choose_key();

  Options options_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<api::Server> server_;
  std::shared_ptr<api::MediaLinks> links_;
  mutable std::mutex mutex_;
  std::string key_;
};

// The URL under which a server on that address answers programs of the same machine.
std::string local_url(const std::string& listen, int port, bool tls = false);

// The unix socket of the API; empty: none. With TLS there is one beside the store even if none is configured:
// the certificate names a host of the network, and the command line of this machine asks for none.
std::string api_socket_of(const Config& config);

// Fewer and smaller arenas and stacks, for boxes with little memory. Before the first thread.
void tune_memory();

}  // namespace pigeond::app
