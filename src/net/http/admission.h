// What becomes of a request is decided when its head is there and nothing of its body has been read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/time.h"
#include "net/http/message.h"
#include "net/stream.h"

namespace pigeond::net {

// Answers one request, once, from any thread; further answers are ignored. Copies answer the same request.
// When the last copy goes and nobody has answered, the client gets a 503.
class HttpResponder {
 public:
  class Target;  // the server's end
  explicit HttpResponder(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  void operator()(HttpReply reply) const;
  bool wanted() const;  // false: answered, or the client has gone

 private:
  std::shared_ptr<Target> target_;
};

// Takes a body piece by piece. All calls on the server's loop; destroyed after the last.
class HttpBodySink {
 public:
  virtual ~HttpBodySink() = default;
  // One piece, valid during the call. False: no more until HttpBodySource::resume().
  virtual bool data(ByteView piece) = 0;
  virtual void end() = 0;  // the body is complete: answer now, or later
  // It never will be: link_lost, timed_out, malformed, too_large or shutting_down. No answer is possible.
  virtual void broken(const Error& error) = 0;
};

// Lets a body go on that its sink has stopped. From any thread; copies mean the same body.
class HttpBodySource {
 public:
  explicit HttpBodySource(std::function<void()> resume) : resume_(std::move(resume)) {}
  void resume() const { resume_(); }

 private:
  std::function<void()> resume_;
};

// What an upgrade hands over: the connection, off the server's books but on its loop; to be destroyed there,
// or between HttpServer::stop() and the server's end.
struct HttpUpgrade {
  HttpRequest request;
  std::unique_ptr<Stream> stream;
  Bytes rest;  // bytes that came after the head
};

// Answered at once, on the loop: for what needs no worker, and for refusals. The body, if there is one, is
// not read; then the connection ends after the answer. `delay` (ms) holds the answer back, which costs the
// descriptor alone.
struct HttpAnswer {
  HttpReply reply;
  Millis delay = 0;
};

// The body is collected (`Expect: 100-continue` is answered now), then a worker runs the handler.
struct HttpWork {
  HttpHandler handler;
  std::size_t body_limit = limits::kHttpBody;  // bytes; beyond: 413
};

// The body is collected, then the handler runs on the loop, must not block, and answers whenever it can. No
// thread is held meanwhile. Of those that wait for their answers there are at most limits::kHttpLater, else
// 503. Who is not answered within `patience` (ms) gets a 504.
struct HttpLater {
  std::function<void(HttpRequest, HttpResponder)> handler;
  std::size_t body_limit = limits::kHttpBody;
  Millis patience = 60 * kSecond;
};

// The body goes to a sink as it comes. `open` runs on the loop; without a sink it has to answer, and the
// connection ends after that.
struct HttpUpload {
  std::function<std::unique_ptr<HttpBodySink>(HttpRequest, HttpBodySource, HttpResponder)> open;
  std::uint64_t body_limit = 0;  // bytes
};

// The handler takes the connection: for /ws. Only for requests without a body; others get 400.
struct HttpTakeOver {
  std::function<void(HttpUpgrade)> take;
};

using HttpAdmission = std::variant<HttpAnswer, HttpWork, HttpLater, HttpUpload, HttpTakeOver>;

// Runs on the server's loop and must not block. May fill request.params.
using HttpAdmit = std::function<HttpAdmission(HttpRequest& request)>;

}  // namespace pigeond::net
