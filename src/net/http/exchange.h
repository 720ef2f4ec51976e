// One request under way, seen from both sides: the loop, which owns its connection, and whoever answers it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/http/admission.h"
#include "net/http/tally.h"
#include "net/loop.h"
#include "net/stream.h"

namespace pigeond::net {

// How other threads reach a loop that may be gone.
class HttpDoorbell {
 public:
  // Runs `answered` with the connection's id on the loop. Until silence(); from any thread.
  HttpDoorbell(Loop& loop, std::function<void(std::uint64_t connection)> answered)
      : loop_(&loop), answered_(std::move(answered)) {}
  void ring(std::uint64_t connection);
  void silence();

 private:
  std::mutex mutex_;
  Loop* loop_;
  std::function<void(std::uint64_t)> answered_;
};

class HttpResponder::Target {
 public:
  virtual ~Target() = default;
  virtual void answer(HttpReply reply) = 0;
  virtual bool wanted() = 0;
};

class HttpExchange final : public HttpResponder::Target {
 public:
  struct Terms {
    std::uint64_t connection = 0;
    bool keep_alive = true;
    bool head_only = false;
    Millis idle = 0;  // told to the client where the connection stays
  };
  // `lease`: of the connection's socket, or null: then all bytes go through the loop.
  HttpExchange(std::shared_ptr<HttpDoorbell> doorbell, std::shared_ptr<HttpTally> tally,
               std::shared_ptr<SocketLease> lease, Terms terms);
  ~HttpExchange() override;

  // --- who answers; from any thread, the first counts ---
  void answer(HttpReply reply) override;  // rings where it is a file or a stream
  // Bytes as they go out. Written straight to the socket as far as that takes them; the loop hears of it only
  // if it has to do something.
  void answer_bytes(std::string bytes, int status, bool close);
  bool wanted() override;

  // --- the loop ---
  struct Outcome {
    std::string rest;                // bytes still to be written
    std::optional<HttpReply> reply;  // a file or stream, not begun
    bool close = false;
  };
  // The answer, if it was given; else the loop is rung when it is, however it is written.
  std::optional<Outcome> take_or_wait();
  bool answered();  // whether take_or_wait() would return one
  void connection_gone();
  const Terms& terms() const { return terms_; }

 private:
  bool begin_answer();
  void finish(Outcome outcome, bool quiet, std::unique_lock<std::mutex>& lock);

  const std::shared_ptr<HttpDoorbell> doorbell_;
  const std::shared_ptr<HttpTally> tally_;
  const std::shared_ptr<SocketLease> lease_;
  const Terms terms_;
  std::mutex mutex_;
  std::optional<Outcome> outcome_;
  bool answering_ = false;
  bool gone_ = false;
  bool loop_waits_ = false;
};

// Memory of bodies in flight, counted while one of these holds it.
class HttpBodyCharge {
 public:
  explicit HttpBodyCharge(std::shared_ptr<HttpTally> tally) : tally_(std::move(tally)) {}
  HttpBodyCharge(const HttpBodyCharge&) = delete;
  HttpBodyCharge& operator=(const HttpBodyCharge&) = delete;
  ~HttpBodyCharge() { HttpTally::subtract(tally_->body_bytes, bytes_); }
  void add(std::uint64_t bytes) {
    bytes_ += bytes;
    HttpTally::add(tally_->body_bytes, bytes);
  }

 private:
  std::shared_ptr<HttpTally> tally_;
  std::uint64_t bytes_ = 0;
};

}  // namespace pigeond::net
