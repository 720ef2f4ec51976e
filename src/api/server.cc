#include "api/server.h"

#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>
#include <variant>

#include "api/keys/key_ring.h"
#include "api/operations/dispatcher.h"
#include "api/refused_keys.h"
#include "api/reply.h"
#include "api/streams.h"
#include "api/waha/operations.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "net/http/server.h"
#include "net/tls/tls_files.h"

namespace pigeond::api {
namespace {

net::HttpReply going() {
  return failure_reply(fail(Cause::shutting_down, "the gateway is stopping"));
}

// A text's caller is answered by the gateway within its own deadline, unless its loop hangs.
constexpr Millis kPatience = 40 * kSecond;

net::HttpReply made(const std::function<net::HttpReply()>& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return error_reply(503, "out of memory");
  } catch (const std::exception& error) {
    log::error("an answer could not be made", {{"error", error.what()}});
    return error_reply(500, {});
  }
}

net::HttpReply unauthorized(std::string_view why) {
  return json_reply(401, {{"message", why}, {"statusCode", 401}});
}

net::HttpReply refused_key(const KeyRing::Refusal& refusal) {
  using Why = KeyRing::Refusal::Why;
  Error error;
  switch (refusal.why) {
    case Why::unknown:
      return unauthorized("Unauthorized");
    case Why::not_active:
      return unauthorized("Unauthorized: the key is not active");
    case Why::expired:
      return unauthorized("Unauthorized: the key has expired");
    case Why::too_many:
      error = fail(Cause::rate_limited, "the key's rate limit is used up");
      error.retry_after = refusal.retry_after;
      return failure_reply(error);
    case Why::loading:
      break;
  }
  error = fail(Cause::storage, "the API keys are not loaded yet");
  error.retry_after = kSecond;
  return failure_reply(error);
}

// The way back to the loop of the sockets, as long as there is one.
struct Entry {
  std::mutex mutex;
  net::Loop* loop = nullptr;
};

bool is_ping(const net::HttpRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") && request.path == "/ping";
}

}  // namespace

struct Server::Impl {
  ServerOptions options;
  SystemClock clock;
  std::optional<const Dispatcher> dispatcher;
  std::shared_ptr<KeyRing> keys;
  RefusedKeys refused;  // the loop's
  int port = 0;
  std::shared_ptr<net::TlsFiles> tls;
  std::optional<net::HttpServer> http;
  const std::shared_ptr<Entry> entry = std::make_shared<Entry>();
  std::optional<Streams> streams;

  // Who has the address of a file is let in to it alone: the path is what its token is good for.
  std::shared_ptr<const Caller> holder_of_link(const net::HttpRequest& request) {
    const auto& path = request.segments;
    const bool names_file = path.size() == 4 && path[0] == "api" && path[1] == "files";
    const auto token = names_file && options.links ? request.parameter("token") : std::string();
    if (token.empty() || !options.links->opens(path[2], path[3], token, clock.now().wall)) return nullptr;
    return std::make_shared<const Caller>(Caller{"link", "address of a file", {Scope::media}, {path[2]}});
  }

  // Who calls, or why nobody does.
  std::variant<std::shared_ptr<const Caller>, net::HttpAnswer> caller_of(const net::HttpRequest& request) {
    if (request.header_count("x-api-key") > 1)
      return net::HttpAnswer{error_reply(400, "X-Api-Key is given more than once")};
    if (auto holder = holder_of_link(request)) return holder;
    auto given = request.header("x-api-key");
    if (given.empty()) given = request.parameter("x-api-key");
    auto found = keys->find(given, clock.now());
    if (auto* caller = std::get_if<std::shared_ptr<const Caller>>(&found)) return std::move(*caller);
    const auto refusal = std::get<KeyRing::Refusal>(found);
    // Nobody guesses with nothing: a missing key is a client that was not told of one.
    const bool guessed = refusal.why == KeyRing::Refusal::Why::unknown && !given.empty();
    return net::HttpAnswer{refused_key(refusal), guessed ? refused.refused(request.network, clock.now()) : 0};
  }

  net::HttpAdmission admit(net::HttpRequest& request) {
    if (auto answer = options.cors.preflight(request)) return net::HttpAnswer{std::move(*answer)};
    auto admission = decide(request);
    if (auto* answer = std::get_if<net::HttpAnswer>(&admission)) options.cors.permit(request, answer->reply);
    return admission;
  }

  net::HttpAdmission decide(net::HttpRequest& request) {
    if (is_ping(request)) return net::HttpAnswer{json_reply(200, {{"message", "pong"}})};
    auto known = caller_of(request);
    if (auto* refusal = std::get_if<net::HttpAnswer>(&known)) return std::move(*refusal);
    auto caller = std::get<std::shared_ptr<const Caller>>(std::move(known));
    auto found = dispatcher->find(request, *caller);
    if (auto* refusal = std::get_if<net::HttpReply>(&found)) return net::HttpAnswer{std::move(*refusal)};
    const Operation& operation = *std::get<const Operation*>(found);
    if (operation.open) return dispatcher->open(operation, *caller, request);
    const bool little = request.length.value_or(0) <= limits::kHttpBegunBody && !request.chunked;
    if (operation.begin && little) return begin(operation, std::move(caller));
    return net::HttpWork{[this, &operation, caller = std::move(caller)](const net::HttpRequest& whole) {
      auto reply = made([&] { return dispatcher->run(operation, *caller, whole); });
      options.cors.permit(whole, reply);
      return reply;
    }};
  }

  // What waits for the gateway may be answered when this server is gone: nothing of it is touched then.
  net::HttpLater begin(const Operation& operation, std::shared_ptr<const Caller> caller) {
    net::HttpLater later;
    later.patience = kPatience;
    later.handler = [this, &operation, caller = std::move(caller)](const net::HttpRequest& request,
                                                                   const net::HttpResponder& respond) {
      const auto answer = [headers = options.cors.permission(request),
                           respond](const std::function<net::HttpReply()>& make) {
        auto reply = made(make);
        reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
        respond(std::move(reply));
      };
      dispatcher->begin(operation, *caller, request,
                        [answer, entry = entry](std::function<net::HttpReply()> make) {
                          const std::lock_guard lock(entry->mutex);
                          if (entry->loop == nullptr) return;
                          entry->loop->post([answer, make = std::move(make)] { answer(make); });
                        });
    };
    return later;
  }

  Json door() const {
    const auto counters = http->counters();
    Json door = {{"status", "up"},
                 {"connections", counters.connections},
                 {"idle", counters.idle},
                 {"requests", counters.requests},
                 {"malformed", counters.malformed},
                 {"refusedConnections", counters.refused},
                 {"refusedKeys", refused.count()},
                 {"timeouts", counters.timeouts},
                 {"overloads", counters.overloads}};
    if (tls == nullptr) return door;
    const auto failure = tls->failure();
    door["tls"] = {{"status", failure ? "down" : "up"}};
    if (failure) door["tls"]["error"] = "the certificate was not renewed: " + failure->detail;
    return door;
  }
};

Server::Server(gateway::Gateway& gateway, ServerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->keys = KeyRing::make(gateway);
  impl_->keys->set_configured(options.key);
  impl_->options = std::move(options);
  net::HttpServer::Options door;
  door.error_headers = [impl = impl_.get()](const net::HttpRequest& request) {
    return impl->options.cors.permission(request);
  };
  impl_->http.emplace(std::move(door),
                      [](int status, std::string_view reason) { return error_body(status, reason); });
  impl_->entry->loop = &impl_->http->loop();
  impl_->streams.emplace(gateway, *impl_->http, [entry = impl_->entry](std::function<void()> work) {
    const std::lock_guard lock(entry->mutex);
    if (entry->loop != nullptr) entry->loop->post(std::move(work));
  });
  impl_->dispatcher.emplace(
      gateway, waha::operations({impl_->options.version, [impl = impl_.get()] { return impl->door(); },
                                 impl_->keys, &*impl_->streams}));
}

Server::~Server() {
  stop();
}

Status Server::start() {
  const ServerOptions& options = impl_->options;
  net::TlsIdentities identities;
  if (!options.tls_cert.empty()) {
    PIGEOND_TRY(impl_->tls, net::TlsFiles::load(options.tls_cert, options.tls_key, impl_->clock.now().mono));
    identities = net::TlsIdentities(
        net::TlsIdentities::Ask([impl = impl_.get()] { return impl->tls->current(impl->clock.now().mono); }));
  }
  const auto admit = [impl = impl_.get()](net::HttpRequest& request) { return impl->admit(request); };
  impl_->port = options.port;
  for (const auto& address : options.listen) {
    // Any free port means the same one on each address.
    PIGEOND_TRY(impl_->port,
                impl_->http->listen(address, static_cast<std::uint16_t>(impl_->port), admit, identities));
  }
  if (!options.unix_path.empty())
    PIGEOND_CHECK(impl_->http->listen_unix(options.unix_path, options.unix_mode, admit));
  return impl_->http->start();
}

int Server::port() const {
  return impl_->port;
}

void Server::set_key(std::string key) {
  impl_->keys->set_configured(key);
}

void Server::session_removed(const std::string& session) {
  impl_->keys->session_removed(session);
}

void Server::restored() {
  impl_->keys->restored();
}

Status Server::reload_tls() {
  return impl_->tls == nullptr ? Status() : impl_->tls->reload();
}

void Server::prove(std::function<void()> answered) {
  impl_->http->loop().post(std::move(answered));
}

void Server::stop_accepting() {
  impl_->http->stop_accepting(going());
}

void Server::stop() {
  impl_->http->loop().post([impl = impl_.get()] {
    if (impl->streams) impl->streams->stop();
  });
  impl_->http->stop();
  {
    const std::lock_guard lock(impl_->entry->mutex);
    impl_->entry->loop = nullptr;
  }
  impl_->streams.reset();
}

}  // namespace pigeond::api
