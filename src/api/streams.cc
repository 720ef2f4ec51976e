#include "api/streams.h"

#include <utility>

#include "api/reply.h"
#include "api/stream_outlets.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/http/connection/websocket.h"

namespace pigeond::api {
namespace {

using gateway::EventStreams;
using gateway::StreamOutlet;

constexpr Millis kComeBack = 5 * kSecond;

// A refusal in this API's form, with the headers of the one that it stands for.
net::HttpAnswer refusal(net::HttpReply plain) {
  auto reply = error_reply(plain.status, plain.body);
  reply.headers = std::move(plain.headers);
  return net::HttpAnswer{std::move(reply)};
}

}  // namespace

Streams::Streams(gateway::Gateway& gateway, net::HttpServer& http, Post post)
    : gateway_(gateway),
      http_(http),
      post_(std::move(post)),
      streams_(http.loop(), gateway.feed(), gateway.event_format(), [this] { return open_reader(); }) {
  // One ring for all that is committed until the loop gets to it.
  gateway_.feed().follow([this, rung = rung_] {
    if (gateway_.feed().open() == 0 || rung->exchange(true)) return;
    post_([this, rung] {
      *rung = false;
      streams_.pump();
    });
  });
}

Streams::~Streams() {
  gateway_.feed().follow(nullptr);
}

std::unique_ptr<gateway::EventReader> Streams::open_reader() {
  auto opened = gateway_.open_reader();
  if (!opened) {
    log::error("the journal can't be read", {{"detail", opened.error().detail}});
    return nullptr;
  }
  return std::make_unique<gateway::EventReader>(std::move(*opened));
}

// --- how they begin ---

std::optional<net::HttpReply> Streams::refuse(const std::string& network) const {
  const auto found = of_peer_.find(network);
  const bool full = streams_.size() >= limits::kEventStreams ||
                    (found != of_peer_.end() && found->second >= limits::kPeerEventStreams);
  if (!stopping_ && !full) return std::nullopt;
  auto reply = error_reply(503, stopping_ ? "the gateway is stopping" : "there are too many streams");
  reply.headers.emplace_back("Retry-After", std::to_string(kComeBack / kSecond));
  return reply;
}

net::HttpAdmission Streams::open_websocket(const net::HttpRequest& request, Wish wish) {
  if (auto full = refuse(request.network)) return net::HttpAnswer{std::move(*full)};
  auto admission = net::admit_websocket(
      http_.network(), request, limits::kEventStreamHello,
      [this, wish = std::move(wish)](std::unique_ptr<net::WebSocket> open, const net::HttpRequest& upgraded) {
        auto held = std::make_shared<std::unique_ptr<net::WebSocket>>(std::move(open));
        begin(wish, upgraded.network, [held](OutletEnded ended) {
          return std::make_unique<WebSocketOutlet>(std::move(*held), std::move(ended));
        });
      });
  if (auto* answer = std::get_if<net::HttpAnswer>(&admission)) return refusal(std::move(answer->reply));
  return admission;
}

net::HttpAdmission Streams::open_server_sent(const net::HttpRequest& request, Wish wish) {
  if (auto full = refuse(request.network)) return net::HttpAnswer{std::move(*full)};
  net::HttpReply reply;
  reply.type = "text/event-stream";
  reply.headers.emplace_back("Cache-Control", "no-store");
  reply.headers.emplace_back("X-Accel-Buffering", "no");  // else nginx gathers events
  reply.stream = [this, wish = std::move(wish),
                  network = request.network](std::shared_ptr<net::HttpWriter> writer) {
    begin(wish, network, [this, writer = std::move(writer)](OutletEnded ended) {
      return std::make_unique<SseOutlet>(writer, http_.loop(), std::move(ended));
    });
  };
  return net::HttpAnswer{std::move(reply)};
}

// --- their life ---

void Streams::begin(const Wish& wish, const std::string& network, const MakeOutlet& make) {
  const EventStreams::Id id = streams_.next();
  streams_.add(wish.filter, wish.last, make([this, id] { ended(id); }));
  peers_.emplace(id, network);
  ++of_peer_[network];
  gateway_.begin_stream([this, id, post = post_](const Result<std::int64_t>& begun) {
    post([this, id, begun] {
      if (begun) return streams_.start(id, *begun);
      streams_.close(id, begun.cause() == Cause::shutting_down ? StreamOutlet::Why::stopping
                                                               : StreamOutlet::Why::journal_lost);
    });
  });
}

void Streams::ended(EventStreams::Id id) {
  streams_.remove(id);
  const auto peer = peers_.extract(id);
  if (peer.empty()) return;
  if (--of_peer_.at(peer.mapped()) == 0) of_peer_.erase(peer.mapped());
}

void Streams::stop() {
  stopping_ = true;
  streams_.close_all(StreamOutlet::Why::stopping);
}

}  // namespace pigeond::api
