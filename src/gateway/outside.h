// How the gateway reaches others: WhatsApp for its sessions, and receivers of webhooks. A test gives it a
// world of its own here, and turns the loop by hand (Core::turn).
#pragma once

#include <memory>
#include <string>

#include "gateway/link.h"
#include "gateway/media_files/spool.h"
#include "net/http/client/client.h"
#include "net/network.h"
#include "store/database/recovery.h"

namespace pigeond::gateway {

class Outside {
 public:
  virtual ~Outside() = default;
  virtual std::unique_ptr<Link> make_link(const std::string& session, Link::Callbacks callbacks) = 0;
  virtual bool says_goodbye() const = 0;  // some link that was ended here still waits for the other side
  virtual net::HttpSender& http() = 0;    // to receivers of webhooks, as far as the configuration lets it
  virtual net::HttpSender& web() = 0;     // to what the configuration itself names
  // The service's media servers: who asks them, how they are asked, and where what they send waits for being
  // read.
  virtual net::HttpSender& media() { return web(); }
  virtual net::HttpClientRequest media_request(const std::string& host, const std::string& path) const {
    net::HttpClientRequest request;
    request.url = "http://" + host + path;
    return request;
  }
  virtual Result<std::unique_ptr<Spool>> make_spool() { return std::unique_ptr<Spool>(new MemorySpool); }
  // What blocks may be done beside the loop. False in a world that is replayed: it is done in its place then.
  virtual bool has_threads() const { return true; }
  // store/database/recovery.h, of a database that is closed: the files beside it are the outside's too. On
  // any thread.
  virtual Result<store::Recovery> recover(store::DatabaseLock& lock, Millis wall,
                                          const std::string& suspicion) {
    return store::recover(lock, wall, suspicion);
  }
};

class NetworkOutside final : public Outside {
 public:
  // `networks`: where webhooks may go.
  // `folder`: of the database.
  NetworkOutside(net::Network& network, LinkOptions options, net::NetworkRules networks, std::string folder)
      : network_(network),
        options_(std::move(options)),
        folder_(std::move(folder)),
        http_(network,
              [rules = std::move(networks)](const net::Address& address) { return rules.check(address); }),
        web_(network) {}

  std::unique_ptr<Link> make_link(const std::string&, Link::Callbacks callbacks) override {
    return std::make_unique<WebSocketLink>(network_, closing_, options_, std::move(callbacks));
  }
  bool says_goodbye() const override { return !closing_.empty(); }
  net::HttpSender& http() override { return http_; }
  net::HttpSender& web() override { return web_; }
  // As the service itself is reached: under TLS, with its authorities, or in clear where that is a simulated
  // one.
  net::HttpClientRequest media_request(const std::string& host, const std::string& path) const override {
    net::HttpClientRequest request;
    request.url = (options_.url.starts_with("wss:") ? "https://" : "http://") + host + path;
    request.tls.ca_file = options_.ca_file;
    return request;
  }
  Result<std::unique_ptr<Spool>> make_spool() override { return FileSpool::make(folder_); }

 private:
  net::Network& network_;
  const LinkOptions options_;
  const std::string folder_;
  ClosingLinks closing_;
  net::HttpClient http_, web_;
};

}  // namespace pigeond::gateway
