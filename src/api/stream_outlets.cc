#include "api/stream_outlets.h"

#include <utility>

#include "api/json.h"

namespace pigeond::api {
namespace {

constexpr int kTryAgainLater = 1013;  // of the IANA's WebSocket close codes

std::string gap(const std::string& last_id) {
  Json json;
  json["event"] = "stream.gap";
  json["payload"]["lastEventId"] = last_id.empty() ? Json() : Json(last_id);
  json["payload"]["reason"] = "events before the next one are not kept any more";
  return dump(json);
}

std::pair<int, const char*> close_reason(gateway::StreamOutlet::Why why) {
  using enum gateway::StreamOutlet::Why;
  switch (why) {
    case stopping:
      return {net::close_code::kGoingAway, "the gateway is stopping"};
    case does_not_read:
      return {net::close_code::kPolicy, "what was sent is not read"};
    case silent:
      return {net::close_code::kPolicy, "pings are not answered"};
    case journal_lost:
      break;
  }
  return {kTryAgainLater, "events can't be read now"};
}

}  // namespace

WebSocketOutlet::WebSocketOutlet(std::unique_ptr<net::WebSocket> socket, OutletEnded ended)
    : socket_(std::move(socket)) {
  net::WebSocket::Callbacks callbacks;  // what clients say is passed over
  callbacks.on_closed = [ended = std::move(ended)](const Error&) { ended(); };
  socket_->set_callbacks(std::move(callbacks));
}

// What can't be sent ends the connection, which says so itself.
void WebSocketOutlet::send(const gateway::EventText& event) {
  (void)socket_->send_text(event.text);
}

void WebSocketOutlet::send_gap(const std::string& last_id) {
  (void)socket_->send_text(gap(last_id));
}

bool WebSocketOutlet::keep_alive() {
  if (socket_->awaits_pong()) return false;
  (void)socket_->ping();
  return true;
}

void WebSocketOutlet::close(Why why) {
  const auto [code, reason] = close_reason(why);
  socket_->close(code, reason);
}

SseOutlet::SseOutlet(std::shared_ptr<net::HttpWriter> writer, net::Loop& loop, OutletEnded ended)
    : writer_(std::move(writer)), loop_(loop), ended_(std::move(ended)) {
  writer_->on_closed([ended = ended_](const Error&) { ended(); });
  (void)writer_->write("retry: 2000\n\n");
}

// No event type: all come to a client's onmessage, and say in their JSON what they are.
void SseOutlet::send(const gateway::EventText& event) {
  (void)writer_->write("id: " + event.id + "\ndata: " + event.text + "\n\n");
}

void SseOutlet::send_gap(const std::string& last_id) {
  (void)writer_->write("data: " + gap(last_id) + "\n\n");
}

bool SseOutlet::keep_alive() {
  (void)writer_->write(":\n\n");
  return true;
}

// The client comes back by itself.
void SseOutlet::close(Why) {
  writer_->end();
  loop_.post(ended_);
}

}  // namespace pigeond::api
