// What an HTTP request and its answer are to those who serve them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/posix.h"

namespace pigeond::net {

struct HttpRequest {
  std::string method;  // upper case: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
  // The path was split at its slashes before each segment was decoded; empty segments (double slashes, a
  // trailing one) are left out. No segment holds a slash, a control character or
  // invalid UTF-8, or is "." or "..". None at all: "/", or the "*" of OPTIONS.
  std::vector<std::string> segments;
  std::string path;                                 // '/' and the segments, for routes and for people
  std::multimap<std::string, std::string> query;    // decoded; valid UTF-8 without NUL
  std::multimap<std::string, std::string> headers;  // names in lower case, values trimmed
  std::map<std::string, std::string> params;        // what the route's {names} matched
  std::string body;                                 // of what is served with its body whole, else empty
  std::optional<std::uint64_t> length;              // Content-Length; nullopt: no body, or one in chunks
  bool chunked = false;
  std::string peer;     // the client's IP address without port; "unix" on a unix socket
  std::string network;  // what counts as one peer: the address, or of an IPv6 one its /64; "unix"

  std::string header(std::string_view lower_case_name) const;        // the first's; "" if absent
  std::size_t header_count(std::string_view lower_case_name) const;  // how often it was sent
  std::string parameter(std::string_view name) const;                // of the query; "" if absent
  bool has_body() const { return chunked || length.value_or(0) > 0; }
};

// Part of an open file, sent in pieces as the client takes them.
struct HttpFile {
  std::shared_ptr<const UniqueFd> fd;  // regular file; closed when the last answer from it is out
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // bytes from `offset` on, which is what ranges count
};

class HttpWriter;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 200;
  std::string type = "application/json";  // Content-Type, where there is a body
  std::string body;
  HttpHeaders headers;
  // Instead of `body`. One range of `Range` is served as 206, one that lies outside as 416; more than one are
  // answered whole.
  std::optional<HttpFile> file = std::nullopt;
  // Instead of `body`: the answer stays open, in chunks. Called on the server's loop when its head is out.
  std::function<void(std::shared_ptr<HttpWriter>)> stream = nullptr;
  bool close = false;  // the connection ends after this answer
};

// May block; runs on a worker.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

// Makes the body of answers that the server itself gives (400, 408, 413, 431, 501, 503...): status and reason
// in, JSON out. From any thread.
using HttpErrorBody = std::function<std::string(int status, std::string_view reason)>;

// An answer that stays open. All calls on the server's loop.
class HttpWriter {
 public:
  virtual ~HttpWriter() = default;  // ends the body, if nobody did
  // False when the connection is gone, or goes because its client does not read: over
  // limits::kHttpStreamBacklog bytes wait.
  virtual bool write(std::string_view data) = 0;
  virtual std::size_t buffered() const = 0;  // bytes that the kernel has not taken
  virtual void end() = 0;                    // the body is complete
  // Once; not after end(). link_lost: the client went. too_large or timed_out: it does not read.
  // shutting_down.
  virtual void on_closed(std::function<void(const Error&)> callback) = 0;
};

}  // namespace pigeond::net
