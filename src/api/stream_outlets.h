// The two ends of streams of events: a WebSocket, and an answer that stays open.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/streams/streams.h"
#include "net/http/message.h"
#include "net/websocket/websocket_connection.h"

namespace pigeond::api {

// The connection has ended: the outlet is to be destroyed, also from inside this call.
using OutletEnded = std::function<void()>;

class WebSocketOutlet final : public gateway::StreamOutlet {
 public:
  WebSocketOutlet(std::unique_ptr<net::WebSocket> socket, OutletEnded ended);
  void send(const gateway::EventText& event) override;
  void send_gap(const std::string& last_id) override;
  std::size_t buffered() const override { return socket_->buffered(); }
  bool keep_alive() override;
  void close(Why why) override;

 private:
  std::unique_ptr<net::WebSocket> socket_;
};

class SseOutlet final : public gateway::StreamOutlet {
 public:
  SseOutlet(std::shared_ptr<net::HttpWriter> writer, net::Loop& loop, OutletEnded ended);
  void send(const gateway::EventText& event) override;
  void send_gap(const std::string& last_id) override;
  std::size_t buffered() const override { return writer_->buffered(); }
  bool keep_alive() override;
  void close(Why why) override;

 private:
  std::shared_ptr<net::HttpWriter> writer_;
  net::Loop& loop_;
  OutletEnded ended_;
};

}  // namespace pigeond::api
