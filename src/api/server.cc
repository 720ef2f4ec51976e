#include "api/server.h"

#include <mutex>

#include "api/reply.h"
#include "api/waha/routes.h"
#include "base/bytes.h"
#include "crypto/hash.h"
#include "net/http/router.h"
#include "net/http/server.h"

namespace pigeond::api {

struct Server::Impl {
  ServerOptions options;
  net::HttpRouter router;
  std::unique_ptr<net::HttpServer> http;
  int port = 0;
  std::mutex key_mutex;
  Key32 key_hash{};

  void set_key(const std::string& key) {
    const std::lock_guard lock(key_mutex);
    key_hash = crypto::sha256(as_bytes(key));
  }

  // Hashes are compared, so that neither length nor content of the key shows in the time it takes.
  bool authorised(const net::HttpRequest& request) {
    auto given = request.header("x-api-key");
    if (given.empty()) given = request.parameter("x-api-key");
    const auto hash = crypto::sha256(as_bytes(given));
    const std::lock_guard lock(key_mutex);
    return equal_constant_time(hash, key_hash);
  }

  // On the front loop, before a body is read.
  net::HttpAdmission admit(net::HttpRequest& request) {
    const bool open = request.path == "/ping";
    if (!open && !authorised(request))
      return net::HttpAnswer{json_reply(401, {{"message", "Unauthorized"}, {"statusCode", 401}})};
    auto match = router.find(request);
    switch (match.outcome) {
      case net::HttpRouter::Outcome::found:
        if (open) return net::HttpAnswer{(*match.handler)(request)};
        return net::HttpWork{*match.handler};
      case net::HttpRouter::Outcome::no_such_method: {
        auto reply = error_reply(405, request.method + " is not allowed here; allowed: " + match.allowed);
        reply.headers.emplace_back("Allow", match.allowed);
        return net::HttpAnswer{std::move(reply)};
      }
      case net::HttpRouter::Outcome::no_such_path:
        break;
    }
    return net::HttpAnswer{error_reply(404, "Cannot " + request.method + " " + request.path)};
  }
};

Server::Server(gateway::Gateway& gateway, ServerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->set_key(options.key);
  waha::add_session_routes(impl_->router, gateway);
  waha::add_pairing_routes(impl_->router, gateway);
  waha::add_chatting_routes(impl_->router, gateway);
  waha::add_outbox_routes(impl_->router, gateway);
  waha::add_contact_routes(impl_->router, gateway);
  waha::add_webhook_routes(impl_->router, gateway);
  waha::add_server_routes(impl_->router, gateway, options.version);
  impl_->http = std::make_unique<net::HttpServer>(
      net::HttpServer::Options{},
      [](int status, std::string_view reason) { return error_body(status, reason); });
  impl_->options = std::move(options);
}

Server::~Server() = default;

Status Server::start() {
  PIGEOND_TRY(impl_->port,
              impl_->http->listen(impl_->options.listen, static_cast<std::uint16_t>(impl_->options.port),
                                  [this](net::HttpRequest& request) { return impl_->admit(request); }));
  return impl_->http->start();
}

int Server::port() const {
  return impl_->port;
}

void Server::set_key(std::string key) {
  impl_->set_key(key);
}

void Server::stop() {
  impl_->http->stop();
}

}  // namespace pigeond::api
