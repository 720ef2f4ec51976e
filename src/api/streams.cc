#include "api/streams.h"

#include <utility>

#include "api/reply.h"
#include "api/stream_outlets.h"
#include "api/waha/names.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/session_name.h"
#include "net/http/connection/websocket.h"

namespace pigeond::api {
namespace {

using gateway::EventStreams;
using gateway::StreamOutlet;

constexpr Millis kComeBack = 5 * kSecond;

net::HttpAnswer refusal(const Error& error) {
  return net::HttpAnswer{failure_reply(error)};
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

// --- what is asked for ---

// Of names with commas between them, also more than once; none: "*".
Result<gateway::Topics> Streams::read_topics(const net::HttpRequest& request) {
  gateway::Topics topics;
  const auto [first, last] = request.query.equal_range("events");
  for (auto at = first; at != last; ++at) {
    if (at->second.size() > limits::kEventFilter) return fail(Cause::bad_input, "events: is too long");
    for (const auto name : split(at->second, ',')) {
      if (name.empty()) continue;
      const auto named = waha::topics_named(name);
      if (!named) return fail(Cause::bad_input, "events: " + named.error().detail);
      topics.add(*named);
    }
  }
  return topics.empty() ? gateway::Topics::all() : topics;
}

Result<Streams::Wish> Streams::read_wish(const net::HttpRequest& request) {
  Wish wish;
  wish.network = request.network;
  wish.filter.session = request.parameter("session");
  if (wish.filter.session == "*") wish.filter.session.clear();
  if (!wish.filter.session.empty() && !gateway::is_session_name(wish.filter.session))
    return fail(Cause::bad_input, "session: must be a session's name, or *");
  PIGEOND_TRY(wish.filter.topics, read_topics(request));
  auto id = request.parameter("lastEventId");
  if (id.empty()) id = request.header("last-event-id");
  if (!id.empty()) {
    wish.last = gateway::parse_event_id(id);
    if (!wish.last) return fail(Cause::bad_input, "lastEventId: is not the id of an event");
  }
  return wish;
}

bool Streams::is_full(const std::string& network) const {
  const auto found = of_peer_.find(network);
  return streams_.size() >= limits::kEventStreams ||
         (found != of_peer_.end() && found->second >= limits::kPeerEventStreams);
}

std::optional<net::HttpAdmission> Streams::admit(const net::HttpRequest& request, const Caller& caller) {
  const bool socket = request.path == "/ws";
  if (!socket && request.path != "/api/events/stream") return std::nullopt;
  if (request.method != "GET") {
    auto reply = error_reply(405, request.method + " is not allowed here; allowed: GET");
    reply.headers.emplace_back("Allow", "GET");
    return net::HttpAnswer{std::move(reply)};
  }
  auto wish = read_wish(request);
  if (!wish) return refusal(wish.error());
  if (!caller.has(Scope::read)) return net::HttpAnswer{error_reply(403, "the key lacks the scope read")};
  if (wish->filter.session.empty() ? !caller.sessions.empty() : !caller.sees(wish->filter.session))
    return net::HttpAnswer{
        error_reply(403, "the key is for single sessions: session has to name one of them")};
  if (stopping_ || is_full(wish->network)) {
    auto reply = error_reply(503, stopping_ ? "the gateway is stopping" : "there are too many streams");
    reply.headers.emplace_back("Retry-After", std::to_string(kComeBack / kSecond));
    return net::HttpAnswer{std::move(reply)};
  }
  if (socket) {
    return net::admit_websocket(
        http_.network(), request, limits::kEventStreamHello,
        [this, wish = std::move(*wish)](std::unique_ptr<net::WebSocket> open, const net::HttpRequest&) {
          auto held = std::make_shared<std::unique_ptr<net::WebSocket>>(std::move(open));
          begin(wish, [held](OutletEnded ended) {
            return std::make_unique<WebSocketOutlet>(std::move(*held), std::move(ended));
          });
        });
  }
  net::HttpReply reply;
  reply.type = "text/event-stream";
  reply.headers.emplace_back("Cache-Control", "no-store");
  reply.headers.emplace_back("X-Accel-Buffering", "no");  // else nginx gathers events
  reply.stream = [this, wish = std::move(*wish)](std::shared_ptr<net::HttpWriter> writer) {
    begin(wish, [this, writer = std::move(writer)](OutletEnded ended) {
      return std::make_unique<SseOutlet>(writer, http_.loop(), std::move(ended));
    });
  };
  return net::HttpAnswer{std::move(reply)};
}

// --- their life ---

void Streams::begin(const Wish& wish, const MakeOutlet& make) {
  const EventStreams::Id id = streams_.next();
  streams_.add(wish.filter, wish.last, make([this, id] { ended(id); }));
  peers_.emplace(id, wish.network);
  ++of_peer_[wish.network];
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
