// Streams of events: /ws, a WebSocket as WAHA's clients open it, and /api/events/stream, server-sent events
// (WHATWG HTML, section 9.2). Both take
//
//   session      a session's name, or * (default)
//   events       names with commas between them, also more than once; * (default)
//   lastEventId  the id of the last event that came: what followed comes first; Last-Event-ID is the same
//
// and tell each event as webhooks do, in a text frame or as the data of an SSE event whose id is the event's.
// An event stream.gap says that events before the next one are missing, because they are not kept any more.
//
// Streams belong to the loop of the server's sockets, and hold no thread. Of limits::kEventStreams in all and
// limits::kPeerEventStreams of one peer the next is refused with 503.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/operations/caller.h"
#include "gateway/gateway.h"
#include "gateway/streams/streams.h"
#include "net/http/admission.h"
#include "net/http/server.h"

namespace pigeond::api {

class Streams {
 public:
  // Runs work on the loop of the sockets, from any thread, as long as there is one.
  using Post = std::function<void(std::function<void()>)>;

  // Both outlive it.
  Streams(gateway::Gateway& gateway, net::HttpServer& http, Post post);
  ~Streams();  // when the loop has ended

  // On the loop. nullopt: another path. A key needs the scope `read`; one for some sessions has to name one.
  std::optional<net::HttpAdmission> admit(const net::HttpRequest& request, const Caller& caller);
  void stop();  // on the loop: tells all that the server goes

 private:
  struct Wish {
    gateway::StreamFilter filter;
    std::optional<gateway::EventId> last;
    std::string network;  // the peer
  };
  static Result<gateway::Topics> read_topics(const net::HttpRequest& request);
  static Result<Wish> read_wish(const net::HttpRequest& request);
  bool is_full(const std::string& network) const;
  using MakeOutlet = std::function<std::unique_ptr<gateway::StreamOutlet>(std::function<void()> ended)>;
  void begin(const Wish& wish, const MakeOutlet& make);
  void ended(gateway::EventStreams::Id id);
  std::unique_ptr<gateway::EventReader> open_reader();

  gateway::Gateway& gateway_;
  net::HttpServer& http_;
  const Post post_;
  const std::shared_ptr<std::atomic<bool>> rung_ = std::make_shared<std::atomic<bool>>(false);
  std::map<gateway::EventStreams::Id, std::string> peers_;
  std::map<std::string, std::size_t> of_peer_;
  bool stopping_ = false;
  gateway::EventStreams streams_;
};

}  // namespace pigeond::api
