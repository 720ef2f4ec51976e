#include "net/http/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <list>
#include <system_error>
#include <thread>
#include <tuple>
#include <unordered_map>

#include "base/log.h"
#include "net/http/connection/connection.h"
#include "net/http/connection/httplib_answer.h"
#include "net/http/peer.h"
#include "net/http/tally.h"
#include "net/http/workers.h"
#include "net/listener.h"

namespace pigeond::net {
namespace {

constexpr Millis kSweepPause = 250;  // between two looks at all connections, so that they cost little

// Half of the descriptors are for others: links, webhooks, files. The soft limit of 1024 that most systems
// start with is raised as far as it may be.
std::size_t affordable(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 2 * connections);
  if (limit.rlim_cur < wanted) {
    const rlimit raised{wanted, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return std::max<std::size_t>(1, std::min<std::size_t>(connections, limit.rlim_cur / 2));
}

HttpServer::Options settled(HttpServer::Options options) {
  options.connections = affordable(options.connections);
  options.peer_connections =
      std::max<std::size_t>(1, std::min(options.peer_connections, options.connections / 2));
  return options;
}

HttpReply default_refusal(const HttpErrorBody& error_body) {
  HttpReply reply;
  reply.status = 503;
  reply.headers.emplace_back("Retry-After", "1");
  reply.body = error_body(503, "shutting down");
  return reply;
}

}  // namespace

struct HttpServer::Impl {
  struct Port {
    HttpAdmit admit;
    std::unique_ptr<Listener> listener;
  };
  struct Guest {
    std::unique_ptr<HttpConnection> connection;
    std::string network;  // empty: a unix socket's
  };

  Impl(Options wanted, HttpErrorBody error_text)
      : options(settled(std::move(wanted))),
        error_body(std::move(error_text)),
        loop(options.clock != nullptr ? *options.clock : system_clock),
        network(loop, random),
        workers(options.workers, options.queue, options.make_thread),
        answerer(std::max<Millis>(options.idle_time - 2 * kSecond, kSecond), error_body),
        doorbell(std::make_shared<HttpDoorbell>(loop,
                                                [this](std::uint64_t id) {
                                                  if (auto* guest = find(id)) guest->connection->rung();
                                                })),
        house{loop,
              options,
              tally,
              doorbell,
              workers,
              answerer,
              error_body,
              {},
              [this](std::uint64_t id) { loop.post([this, id] { forget(id); }); },
              [this](Millis mono) { wake_at(mono); }} {}

  Guest* find(std::uint64_t id) {
    const auto found = guests.find(id);
    return found == guests.end() ? nullptr : &found->second;
  }

  void forget(std::uint64_t id) {
    const auto found = guests.find(id);
    if (found == guests.end()) return;
    if (const auto peer = peers.find(found->second.network); peer != peers.end() && --peer->second == 0)
      peers.erase(peer);
    guests.erase(found);
    HttpTally::subtract(tally->connections);
    if (leaving && guests.empty()) loop.stop();
  }

  void accept(const Port& port, std::unique_ptr<Stream> stream, bool open, bool unix_socket) {
    HttpTally::add(tally->accepted);
    auto peer = unix_socket ? HttpPeer{"unix", {}} : http_peer(stream->peer());
    if (!peer.network.empty() && peers[peer.network] >= options.peer_connections && !evict(&peer.network)) {
      return HttpTally::add(tally->refused);
    }
    if (guests.size() >= options.connections && !evict(nullptr)) {
      if (const auto found = peers.find(peer.network); found != peers.end() && found->second == 0)
        peers.erase(found);
      return HttpTally::add(tally->refused);
    }
    const auto id = next_id++;
    auto connection = std::make_unique<HttpConnection>(house, id, std::move(stream), open, port.admit, peer);
    if (!peer.network.empty()) ++peers[peer.network];
    guests.emplace(id, Guest{std::move(connection), std::move(peer.network)});
    HttpTally::add(tally->connections);
  }

  // The connection that has been idle for longest, of one peer or of all; where none is, the one that has
  // been sending its head for longest. False: there is neither.
  bool evict(const std::string* network_name) {
    const Millis now = loop.now().mono;
    std::optional<std::tuple<bool, Millis, std::uint64_t>> first;  // busy, since when, which
    for (auto& [id, guest] : guests) {
      if (network_name != nullptr && guest.network != *network_name) continue;
      const bool idle = guest.connection->idle();
      if (!idle && !guest.connection->dawdles(now)) continue;
      const std::tuple candidate(!idle, guest.connection->since(), id);
      if (!first || candidate < *first) first = candidate;
    }
    if (!first) return false;
    const auto id = std::get<2>(*first);
    guests.at(id).connection->end(fail(Cause::cancelled, "idle, and its place is needed"));
    forget(id);
    HttpTally::add(tally->evicted);
    return true;
  }

  void wake_at(Millis mono) {
    if (sweep_at != 0 && sweep_at <= mono) return;
    loop.cancel(std::exchange(sweep_timer, 0));
    sweep_at = 0;
    const Millis at = std::max(mono, swept + kSweepPause);
    sweep_timer = loop.at(at, [this] { sweep(); });  // may throw: then nothing is planned
    sweep_at = at;
  }

  void sweep() {
    const Millis now = loop.now().mono;
    swept = now;
    sweep_at = std::numeric_limits<Millis>::min();  // what connections ask for meanwhile is looked at below
    for (auto& [id, guest] : guests) guest.connection->tick(now);
    sweep_at = 0;
    std::optional<Millis> next;
    for (auto& [id, guest] : guests) {
      if (guest.connection->ended()) {
        loop.post([this, ended = id] { forget(ended); });
      } else {
        next = std::min(next.value_or(guest.connection->deadline()), guest.connection->deadline());
      }
    }
    if (next) wake_at(*next);
  }

  void end_idle() {
    for (auto& port : ports) port.listener.reset();
    for (auto& [id, guest] : guests) guest.connection->shut();
  }

  void end_all() {
    for (auto& [id, guest] : guests) guest.connection->end(fail(Cause::shutting_down, "the server stops"));
  }

  void leave(Millis grace) {
    if (!house.refusal) house.refusal = default_refusal(error_body);
    end_idle();
    leaving = true;
    if (guests.empty()) return loop.stop();
    loop.after(grace, [this] {
      end_all();
      loop.post([this] { loop.stop(); });
    });
  }

  // What handlers and streams throw is caught where it concerns one connection; this is for the rest.
  void run() {
    while (true) {
      try {
        if (!loop.run_once()) return;
      } catch (const std::exception& error) {
        log::error("http_loop", {{"error", error.what()}});
      }
    }
  }

  const Options options;
  const HttpErrorBody error_body;
  SystemClock system_clock;
  SystemRandom random;
  Loop loop;
  Network network;
  HttpWorkers workers;
  const HttplibAnswerer answerer;
  const std::shared_ptr<HttpTally> tally = std::make_shared<HttpTally>();
  std::shared_ptr<HttpDoorbell> doorbell;
  HttpHouse house;
  std::list<Port> ports;
  std::unordered_map<std::uint64_t, Guest> guests;
  std::unordered_map<std::string, std::size_t> peers;
  std::uint64_t next_id = 1;
  Loop::TimerId sweep_timer = 0;
  Millis sweep_at = 0;  // mono; 0: not planned
  Millis swept = 0;
  bool leaving = false;
  std::thread thread;
};

HttpServer::HttpServer(Options options, HttpErrorBody error_body)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(error_body))) {}

HttpServer::~HttpServer() {
  stop();
}

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port, HttpAdmit admit,
                                         TlsIdentities identities) {
  auto& entry = impl_->ports.emplace_back();
  entry.admit = std::move(admit);
  const bool open = !identities;
  auto listener = Listener::open(impl_->network, host, port, std::move(identities),
                                 [impl = impl_.get(), &entry, open](std::unique_ptr<Stream> stream) {
                                   impl->accept(entry, std::move(stream), open, false);
                                 });
  if (!listener) {
    impl_->ports.pop_back();
    return listener.error();
  }
  entry.listener = std::move(*listener);
  entry.listener->on_exhausted([impl = impl_.get()] { (void)impl->evict(nullptr); });
  return entry.listener->port();
}

Status HttpServer::listen_unix(const std::string& path, unsigned mode, HttpAdmit admit) {
  auto& entry = impl_->ports.emplace_back();
  entry.admit = std::move(admit);
  auto listener = Listener::open_unix(impl_->network, path, mode,
                                      [impl = impl_.get(), &entry](std::unique_ptr<Stream> stream) {
                                        impl->accept(entry, std::move(stream), true, true);
                                      });
  if (!listener) {
    impl_->ports.pop_back();
    return listener.error();
  }
  entry.listener = std::move(*listener);
  entry.listener->on_exhausted([impl = impl_.get()] { (void)impl->evict(nullptr); });
  return {};
}

Status HttpServer::start() {
  try {
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
  } catch (const std::system_error& error) {
    return fail(Cause::io, std::string("no thread for the HTTP server: ") + error.what());
  }
  return {};
}

void HttpServer::stop_accepting(HttpReply refusal) {
  impl_->loop.post([impl = impl_.get(), refusal = std::move(refusal)]() mutable {
    refusal.close = true;
    impl->house.refusal = std::move(refusal);
    impl->end_idle();
  });
}

void HttpServer::stop(Millis grace) {
  if (impl_->thread.joinable()) {
    impl_->loop.post([impl = impl_.get(), grace] { impl->leave(grace); });
    impl_->thread.join();
  }
  impl_->doorbell->silence();
  impl_->end_all();
  impl_->guests.clear();
  impl_->ports.clear();
  impl_->workers.stop();
}

HttpCounters HttpServer::counters() const {
  return impl_->tally->read();
}

Loop& HttpServer::loop() {
  return impl_->loop;
}

Network& HttpServer::network() {
  return impl_->network;
}

}  // namespace pigeond::net
