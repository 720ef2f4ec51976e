// HTTP/1.1 responses (RFC 9112) without I/O.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "net/http/head.h"

namespace pigeond::net {

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;         // its first bytes, as many as are to be kept
  bool truncated = false;   // there was more
  bool keep_alive = false;  // another request may follow on the same connection
};

class HttpResponseParser {
 public:
  // Keeps `most_body` bytes of the body; 0: none, and does not say that it was truncated.
  explicit HttpResponseParser(std::size_t most_body = limits::kHttpResponseBody) : most_body_(most_body) {}
  // The body of a 200 or 206 goes there as it comes, and is not kept. An error ends the reading, and is what
  // receive() returns.
  using Sink = std::function<Status(ByteView)>;
  explicit HttpResponseParser(Sink sink, std::size_t most_body = limits::kHttpResponseBody)
      : most_body_(most_body), sink_(std::move(sink)) {}

  // Is told the response as it is before its body. An error ends the reading like the sink's.
  using OnHead = std::function<Status(const HttpResponse&)>;
  void set_on_head(OnHead on_head) { on_head_ = std::move(on_head); }

  // True once the response is complete; further bytes are ignored. Interim (1xx) responses are skipped, at
  // most limits::kInterimResponses. malformed or too_large (head, chunk lines and trailers).
  Result<bool> receive(ByteView data);
  // The other side closed: true if that completes the response, malformed if it cuts it off.
  Result<bool> end();
  bool started() const { return started_; }                  // some byte of it has come
  bool has_status() const { return response_.status != 0; }  // its head is there: the status is known
  int status() const { return response_.status; }            // 0 until then
  std::uint64_t after_head() const { return after_head_; }   // bytes, as they came in
  HttpResponse take() { return std::move(response_); }

 private:
  enum class State { head, length, chunk_size, chunk_data, chunk_end, trailer, until_close, done };

  Result<std::size_t> receive_head(ByteView data);
  Status start_body(const HttpResponseHead& head);
  Result<std::size_t> receive_line(ByteView data);
  Status line_complete(std::string_view line);
  Result<std::size_t> receive_body(ByteView data);
  Status keep(ByteView data);

  std::size_t most_body_ = limits::kHttpResponseBody;
  Sink sink_;
  OnHead on_head_;
  bool started_ = false;
  std::size_t interim_ = 0;
  std::uint64_t after_head_ = 0;
  State state_ = State::head;
  std::uint64_t left_ = 0;  // of the body or chunk
  std::size_t trailer_size_ = 0;
  Bytes buffer_;  // an unfinished head or line
  HttpResponse response_;
};

}  // namespace pigeond::net
