// A WebSocket over a stream: what a client and a server connection have in common once it is open.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/loop.h"
#include "net/stream.h"
#include "net/websocket/websocket.h"

namespace pigeond::net {

class Network;

class WebSocket {
 public:
  // Each is called from the loop, never from inside a call of the owner, and may destroy the connection.
  struct Callbacks {
    std::function<void()> on_open;            // clients only: a server's connection is handed out open
    std::function<void(ByteView)> on_binary;  // one message; the view is valid during the call
    std::function<void(ByteView)> on_text;    // valid UTF-8
    std::function<void()> on_drained;         // buffered() is 0 again
    // Once, last. Before on_open: resolve, io (code: errno), tls, timed_out, ack_error (code: HTTP status of
    // the refused upgrade), malformed. After: link_lost (code: the other side's close code, or 0 when the
    // stream just ended), malformed and too_large (the other side broke the protocol), cancelled (own close()
    // is complete).
    std::function<void(Error)> on_closed;
  };

  virtual ~WebSocket();  // closes the stream at once and calls nobody
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  void set_callbacks(Callbacks callbacks) { callbacks_ = std::make_shared<Callbacks>(std::move(callbacks)); }

  // link_lost unless open; too_large when too much waits for the other side (see Stream::write).
  Status send_binary(ByteView message);
  Status send_binaries(std::span<const Bytes> messages);  // all in one write, or none
  Status send_text(std::string_view message);
  Status ping(ByteView payload = {});
  bool awaits_pong() const { return awaits_pong_; }  // the other side has sent nothing since the last ping

  // Sends a close frame, waits for the other side's up to 3 s, then on_closed.
  void close(int code = close_code::kNormal, std::string_view reason = {});

  // The most bytes that a message from the other side may have. Whoever has to prove who he is gets little
  // room before he has.
  void set_max_message(std::size_t bytes) { codec_.set_max_message(bytes); }

  bool is_open() const { return state_ == State::open; }
  std::size_t buffered() const { return stream_ ? stream_->buffered() : 0; }
  void set_reading(bool reading);  // false: back-pressure on the other side
  // Bytes that were read from the stream before it became this WebSocket. From the loop; it may be destroyed
  // by its callbacks.
  void take(ByteView bytes) { (void)receive(bytes); }
  std::weak_ptr<char> life() const { return life_; }  // expires with this object
  std::string peer() const { return stream_ ? stream_->peer() : std::string(); }

 protected:
  enum class State { opening, open, closing, closed };

  WebSocket(Loop& loop, Random& random, WebSocketCodec::Role role, std::size_t max_message)
      : loop_(loop), codec_(role, random, max_message) {}

  void start_messages(std::unique_ptr<Stream> open_stream);  // null: the one that is here already
  bool receive(ByteView data);                               // false when destroyed meanwhile
  bool deliver_open();
  void finish(Error error);  // state closed; on_closed
  void finish_later(Error error);

  friend class WebSocketServer;
  friend std::unique_ptr<WebSocket> open_websocket(Network& network, std::unique_ptr<Stream> stream,
                                                   std::size_t max_message);

  Loop& loop_;
  std::unique_ptr<Stream> stream_;
  WebSocketCodec codec_;
  State state_ = State::opening;
  Loop::TimerId timer_ = 0;
  std::shared_ptr<char> life_ = std::make_shared<char>();

 private:
  Status send(const Bytes& frame);
  bool handle(const WebSocketCodec::Event& event);
  void answer_ping(ByteView payload);
  void fail_protocol(const Error& error);
  void end_stream();

  std::shared_ptr<Callbacks> callbacks_;
  bool awaits_pong_ = false;
  Millis pongs_paid_ = 0;        // mono, in kPongPause steps: how far the pongs sent so far reach
  std::optional<Error> ending_;  // what on_closed will say once the stream has ended
};

}  // namespace pigeond::net
