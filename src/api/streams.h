// Streams of events: a connection that stays open, over which a program is told what happens as webhooks are,
// in text frames of a WebSocket or as server-sent events (WHATWG HTML, section 9.2) whose ids are those of
// the events. An event stream.gap says that events before the next one are missing, because they are not kept
// any more.
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

  struct Wish {
    gateway::StreamFilter filter;
    std::optional<gateway::EventId> last;  // what followed comes first
  };
  // Both on the loop.
  net::HttpAdmission open_websocket(const net::HttpRequest& request, Wish wish);
  net::HttpAdmission open_server_sent(const net::HttpRequest& request, Wish wish);
  void stop();  // on the loop: tells all that the server goes

 private:
  // Why no more may come from there; nullopt: there is room.
  std::optional<net::HttpReply> refuse(const std::string& network) const;
  using MakeOutlet = std::function<std::unique_ptr<gateway::StreamOutlet>(std::function<void()> ended)>;
  void begin(const Wish& wish, const std::string& network, const MakeOutlet& make);
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
