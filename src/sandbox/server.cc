#include "sandbox/server.h"

#include <csignal>
#include <cstdio>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "sandbox/control/control.h"

namespace pigeond::sandbox {
namespace {

constexpr const char* kPath = "/ws/chat";

// The path may carry a query, as some clients add routing information there.
int check_path(const net::HttpRequestHead& request) {
  constexpr int kNotFound = 404;
  const std::string path = request.target.substr(0, request.target.find('?'));
  return path == kPath ? 0 : kNotFound;
}

std::string host_of(const std::string& listen) {
  if (listen == "0.0.0.0" || listen == "::") return "127.0.0.1";
  return listen.find(':') == std::string::npos ? listen : "[" + listen + "]";
}

std::string url(const char* scheme, const std::string& listen, int port, const char* path) {
  return std::string(scheme) + "://" + host_of(listen) + ":" + std::to_string(port) + path;
}

}  // namespace

ServerIdentity make_identity(const std::string& seed, Random& random) {
  auto pair = [&](std::string_view what) {
    if (seed.empty()) return crypto::generate_key_pair(random);
    return crypto::key_pair_from_private(crypto::sha256({as_bytes(seed), as_bytes("/"), as_bytes(what)}));
  };
  ServerIdentity identity;
  identity.authority.root = pair("root");
  identity.authority.intermediate = pair("intermediate");
  identity.noise_key = pair("noise");
  return identity;
}

Server::Server(net::Loop& loop, Random& random, Options options)
    : loop_(loop),
      random_(random),
      options_(std::move(options)),
      network_(loop, random),
      sockets_(
          network_,
          [this](std::unique_ptr<net::WebSocket> socket, const net::HttpRequestHead& request) {
            connected(std::move(socket), request);
          },
          check_path) {
  sockets_.set_max_message(limits::kWebSocketHello);
  const ServerIdentity identity = make_identity(options_.root_seed, random_);
  endpoints_.root_key = hex_lower(identity.authority.root.pub);
  service_ = std::make_unique<Service>(options_.policy, identity, loop_.now(), random_);
  media_ = std::make_unique<MediaServer>(network_, service_->media(), service_->uploads());
}

Server::~Server() {
  if (control_) control_->stop();
  if (http_) http_->stop();
  loop_.cancel(timer_);
}

Status Server::listen_for_clients() {
  PIGEOND_TRY(const int ws_port, sockets_.listen(options_.listen, options_.ws_port));
  endpoints_.ws = url("ws", options_.listen, ws_port, kPath);
  PIGEOND_TRY(const auto media_port, media_->listen(options_.listen, nullptr));
  const std::string media = host_of(options_.listen) + ":" + std::to_string(media_port);
  service_->set_media_hosts(media, media);
  endpoints_.media = "http://" + media;
  if (!options_.wss_port) return {};
  PIGEOND_TRY(auto tls, net::TlsIdentity::load(options_.tls_cert, options_.tls_key));
  PIGEOND_TRY(const int wss_port, sockets_.listen(options_.listen, *options_.wss_port, tls));
  endpoints_.wss = url("wss", options_.listen, wss_port, kPath);
  wss_port_ = std::to_string(wss_port);
  PIGEOND_TRY(const auto media_tls_port, media_->listen(options_.listen, tls));
  service_->set_media_hosts(media, "localhost:" + std::to_string(media_tls_port));
  endpoints_.media_tls = url("https", options_.listen, media_tls_port, "");
  return {};
}

Result<Endpoints> Server::start() {
  PIGEOND_CHECK(listen_for_clients());
  control_ = std::make_unique<Control>(*this, loop_);
  net::HttpServer::Options http;
  http.workers = 16;
  http_ = std::make_unique<net::HttpServer>(
      std::move(http), [](int status, std::string_view) { return control_error_body(status); });
  PIGEOND_TRY(const int control_port,
              http_->listen(options_.listen, static_cast<std::uint16_t>(options_.control_port),
                            [this](net::HttpRequest& request) { return control_->admit(request); }));
  PIGEOND_CHECK(http_->start());
  endpoints_.control = url("http", options_.listen, control_port, "");
  return endpoints_;
}

void Server::connected(std::unique_ptr<net::WebSocket> socket, const net::HttpRequestHead& request) {
  const auto host = net::find_header(request.headers, "Host").value_or(std::string_view());
  const bool secure = !wss_port_.empty() && host.ends_with(":" + wss_port_);
  const ConnectionId id = service_->open(loop_.now(), secure);
  net::WebSocket::Callbacks callbacks;
  callbacks.on_binary = [this, id, link = socket.get()](ByteView bytes) {
    link->set_max_message(limits::kWebSocketMessage);
    service_->receive(loop_.now(), id, bytes);
    pump();
  };
  callbacks.on_closed = [this, id](const Error&) {
    links_.erase(id);
    service_->closed(loop_.now(), id);
    pump();
  };
  socket->set_callbacks(std::move(callbacks));
  links_[id] = std::move(socket);
  pump();
}

void Server::pump() {
  for (auto effects = service_->take_effects(); !effects.empty(); effects = service_->take_effects())
    for (const auto& effect : effects) apply(effect);
  set_timer();
}

void Server::apply(const Effect& effect) {
  if (const auto* write = std::get_if<Write>(&effect)) {
    auto link = links_.find(write->connection);
    // A client that reads too slowly loses its link; what it missed waits in its mailbox.
    if (link != links_.end() && !link->second->send_binary(write->bytes)) link->second->close();
    return;
  }
  const auto& end = std::get<Close>(effect);
  auto link = links_.find(end.connection);
  if (link == links_.end()) return;
  if (end.cut) {
    // Not from here: the caller may be one of the link's own callbacks.
    loop_.post([this, id = end.connection] { links_.erase(id); });
  } else {
    link->second->close();
  }
}

void Server::set_timer() {
  loop_.cancel(timer_);
  timer_ = 0;
  if (const auto wake = service_->next_wake())
    timer_ = loop_.at(*wake, [this] {
      timer_ = 0;
      service_->wake(loop_.now());
      pump();
    });
}

namespace {
net::Loop* running = nullptr;
void stop_running(int) {
  if (running != nullptr) running->stop();
}
}  // namespace

int run(const Options& options) {
  SystemClock clock;
  SystemRandom random;
  net::Loop loop(clock);
  Server server(loop, random, options);
  const auto endpoints = server.start();
  if (!endpoints) {
    log::error("sandbox cannot start", {{"cause", endpoints.error().detail}});
    return 1;
  }
  std::printf("%s\n", endpoints_line(*endpoints).c_str());
  std::fflush(stdout);
  running = &loop;
  std::signal(SIGINT, stop_running);
  std::signal(SIGTERM, stop_running);
  loop.run();
  running = nullptr;
  return 0;
}

}  // namespace pigeond::sandbox
