// Requests as strangers send them, through the connection, and each that is admitted through cpp-httplib.
// Random bytes, or heads, chunks, forms and pipelines put together from pieces. However the bytes are cut,
// the answers are the same; what cpp-httplib reads is what was read before; after a refusal nothing is
// answered.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/limits.h"
#include "base/log.h"
#include "net/http/connection/connection.h"

namespace pigeond::net {
namespace {

constexpr std::array<std::string_view, 64> kPieces = {
    "GET ",
    "POST ",
    "PUT ",
    "HEAD ",
    "OPTIONS ",
    "DELETE ",
    "BREW ",
    "/",
    "/api/sessions/default",
    "/later",
    "/upload",
    "/answer",
    "/%2f",
    "/%00",
    "/%41%e2%82%ac",
    "/a+b?c=%26&d",
    "?q=",
    "%",
    "*",
    "http://host:1/x",
    "//",
    "/..",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    " HTTP/2.0\r\n",
    "Host: x\r\n",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "Content-Length: ",
    "0\r\n",
    "5\r\n",
    "10\r\n",
    "99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive, upgrade\r\n",
    "Content-Type: multipart/form-data; boundary=B\r\n",
    "--B\r\n",
    "--B--\r\n",
    "Content-Disposition: form-data; name=\"",
    "Content-Type: application/x-www-form-urlencoded\r\n",
    "Range: bytes=0-1,",
    "Range: bytes=-\r\n",
    "Accept: */*;q=0.1, text/html;q=",
    "X-Api-Key: %0d%0a%41\r\n",
    "Referer: %2f%\r\n",
    "Cookie: a=b; c",
    " folded\r\n",
    "hello",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "a;x=\"y\"\r\n0123456789\r\n",
    "ffffffffffffffff\r\n",
    "Trailer: x\r\n",
    "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
    "\xff\xfe",
    std::string_view("\0", 1)};

class FixedClock final : public Clock {
 public:
  Instant now() override { return {1'000'000, 1'000'000}; }
};

class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(std::string& out) : out_(out) {}
  Status write(ByteView data) override {
    if (closed_) return fail(Cause::link_lost, "closed");
    out_ += as_text(data);
    return {};
  }
  std::size_t buffered() const override { return 0; }
  void set_reading(bool reading) override { reading_ = reading; }
  void close() override { closed_ = true; }
  std::string peer() const override { return "192.0.2.1:1"; }

  bool takes() const { return reading_ && !closed_; }
  void feed(ByteView data) { (void)deliver_data(data); }

 private:
  std::string& out_;
  bool reading_ = true, closed_ = false;
};

class Sink final : public HttpBodySink {
 public:
  Sink(HttpBodySource source, HttpResponder respond)
      : source_(std::move(source)), respond_(std::move(respond)) {}
  bool data(ByteView piece) override {
    size_ += piece.size();
    source_.resume();
    return false;
  }
  void end() override {
    HttpReply reply;
    reply.body = std::to_string(size_);
    respond_(std::move(reply));
  }
  void broken(const Error&) override {}

 private:
  HttpBodySource source_;
  HttpResponder respond_;
  std::size_t size_ = 0;
};

struct World {
  FixedClock clock;
  Loop loop{clock};
  HttpServer::Options options;
  std::shared_ptr<HttpTally> tally = std::make_shared<HttpTally>();
  HttpWorkers workers{1, 1};
  HttpErrorBody error_body = [](int status, std::string_view) { return std::to_string(status); };
  HttplibAnswerer answerer{58 * kSecond, error_body};
  HttpConnection* connection = nullptr;
  std::shared_ptr<HttpDoorbell> doorbell = std::make_shared<HttpDoorbell>(loop, [this](std::uint64_t) {
    if (connection != nullptr) connection->rung();
  });
  HttpHouse house{
      loop, options, tally, doorbell, workers, answerer, error_body, {}, [](std::uint64_t) {}, [](Millis) {}};
  bool depends_on_cuts = false;

  // Whether cpp-httplib reads it as we did, and what it makes of the answer.
  HttpReply through_httplib(const HttpRequest& request) {
    bool same = false;
    const HttpHandler handler = [&](const HttpRequest& served) {
      same = &served == &request;
      HttpReply reply;
      reply.body = served.method + " " + served.path + " " + served.body;
      return reply;
    };
    const auto answer = answerer.answer(request, handler, true);
    if (!answer.agreed || !same || !answer.bytes.starts_with("HTTP/1.1 200 OK\r\n")) std::abort();
    HttpReply reply;
    reply.body = answer.bytes.substr(answer.bytes.find("\r\n\r\n"));
    return reply;
  }

  HttpAdmission admit(HttpRequest& request) {
    if (request.path.find('\0') != std::string::npos || request.headers.size() > limits::kHttpHeaders)
      std::abort();
    for (const auto& segment : request.segments)
      if (segment.empty() || segment.find('/') != std::string::npos || segment == "..") std::abort();
    if (request.path == "/answer") {
      depends_on_cuts = depends_on_cuts || request.has_body();
      return HttpAnswer{through_httplib(request)};
    }
    if (request.path == "/upload") {
      depends_on_cuts = true;  // the sink's pauses
      return HttpUpload{[](const HttpRequest&, HttpBodySource source, HttpResponder respond) {
                          return std::make_unique<Sink>(std::move(source), std::move(respond));
                        },
                        1000};
    }
    return HttpLater{[this](const HttpRequest& served, const HttpResponder& respond) {
                       if (served.body.size() > 1000) std::abort();
                       respond(through_httplib(served));
                     },
                     1000};
  }

  std::string run(ByteView bytes, std::size_t step) {
    std::string out;
    const HttpAdmit on_head = [this](HttpRequest& request) { return admit(request); };
    auto owned = std::make_unique<MemoryStream>(out);
    auto* stream = owned.get();
    HttpConnection made(house, 1, std::move(owned), true, on_head, HttpPeer{"192.0.2.1", "192.0.2.1"});
    connection = &made;
    while (!bytes.empty() && !made.ended()) {
      if (stream->takes()) {
        const auto piece = bytes.first(std::min(step, bytes.size()));
        bytes = bytes.subspan(piece.size());
        stream->feed(piece);
      }
      for (int i = 0; i < 3; ++i) loop.run_once(clock.now().mono);
      if (!stream->takes() && !loop.next_due()) break;
    }
    for (int i = 0; i < 200; ++i) loop.run_once(clock.now().mono);
    made.end(fail(Cause::cancelled, "the input ends"));
    connection = nullptr;
    return out;
  }
};

std::string without_continues(std::string out) {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  for (auto at = out.find(kContinue); at != std::string::npos; at = out.find(kContinue))
    out.erase(at, kContinue.size());
  return out;
}

}  // namespace
}  // namespace pigeond::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  using namespace pigeond::net;
  if (size < 2) return 0;
  static World& world = *new World;
  log::set_level(log::Level::error);
  std::string bytes;
  for (std::size_t i = 2; i < size; ++i) {
    if ((data[0] & 1) != 0 && data[i] < 128) {
      bytes += kPieces[data[i] % kPieces.size()];
    } else {
      bytes += static_cast<char>(data[i]);
    }
  }
  world.depends_on_cuts = false;
  const auto whole = world.run(as_bytes(bytes), bytes.size());
  const auto cut = world.run(as_bytes(bytes), 1 + data[1] % 64u);
  if (!world.depends_on_cuts && without_continues(whole) != without_continues(cut)) std::abort();
  // Nothing is answered after what ended the connection.
  const auto end = whole.find("Connection: close\r\n");
  if (end != std::string::npos && whole.find("HTTP/1.1 ", end) != std::string::npos) {
    // The body of an answer may hold such words, as it holds what was asked.
    if (bytes.find("HTTP/1.1 ") == std::string::npos) std::abort();
  }
  if (world.tally->body_bytes.load() != 0) std::abort();
  return 0;
}
