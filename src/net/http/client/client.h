// HTTP/1.1 requests over http and https, on the loop. No redirects, no pipelining: a connection
// carries one request at a time, and may be kept for the next one to the same host.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "net/http/client/response.h"
#include "net/network.h"
#include "net/networks.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

inline constexpr std::size_t kBodyPiece = 64 * 1024;  // bytes of a streamed body that wait in memory

struct HttpClientRequest {
  std::string method = "POST";
  std::string url;
  std::vector<HttpHeader> headers;  // Host, Content-Length and Connection are set here
  std::string body;
  // Where a body comes from that nobody has to hold: instead of `body`, `source_size` bytes of it, which is
  // its Content-Length. The next bytes, at least one and at most `most`, are asked for once the connection
  // has taken those before, kBodyPiece at most; never before send() returns, and no more once a status came
  // that refuses the body. An error from there ends the request, and is what the caller gets; bad_input: it
  // gave nothing, or too much. It may not cancel the request, nor destroy the sender.
  std::function<Result<Bytes>(std::size_t most)> source = nullptr;
  std::uint64_t source_size = 0;
  Millis timeout = 30 * kSecond;  // from lookup to the last byte
  // So long nothing may move in either direction, looked at four times in that; 0: whatever `timeout` allows.
  // For transfers whose size, and not the other side's health, decides how long they take.
  Millis stall = 0;
  TlsOptions tls;
  ProxyRef proxy = nullptr;  // none: directly
  // May use a connection that an earlier request left open, and leaves its own open for some seconds. Was
  // such a connection closed before any byte of an answer, the request goes out once more on a fresh one: the
  // other side may have got it twice. Not if a `source` has given something, which can't be had again: then
  // it is link_lost.
  bool keep_alive = false;
  // Only the status and the headers matter: the body is not kept. limits::kHttpResponseBody bytes or two
  // seconds after the head the answer counts as it is, whatever still comes, and the connection is dropped.
  bool status_only = false;
  std::size_t most_body = limits::kHttpResponseBody;  // bytes that are kept; the rest is read and dropped
  // Once, before a byte of the body: status and headers, whatever the status. An error from there ends the
  // request, and is what the caller gets. Neither this nor `sink` may cancel the request or destroy the
  // sender. Not together with status_only.
  std::function<Status(const HttpResponse& head)> on_head = nullptr;
  // The body of a 200 or 206 goes there as it comes and is not kept, whatever its size. An error from there
  // ends the request, and is what the caller gets. Not together with status_only.
  std::function<Status(ByteView)> sink = nullptr;
};

class HttpSender {
 public:
  using Id = std::uint64_t;
  // Any status is a response, also one that comes before the body was sent whole: of that no more is sent
  // then. Errors: bad_input (URL, header, source), resolve, network_denied, io, tls, timed_out (not
  // connected, or not sent whole, in time; or it stalled), no_ack (sent whole, and no answer in time),
  // link_lost (the other side closed too early), malformed, too_large, and what the request's own functions
  // return.
  using Callback = std::function<void(Result<HttpResponse>)>;

  virtual ~HttpSender() = default;
  // Calls back once, from the loop, never before it returns. The callback may destroy the sender.
  virtual Id send(const HttpClientRequest& request, Callback callback) = 0;
  virtual void cancel(Id id) = 0;  // the callback will not be called
};

class HttpClient final : public HttpSender {
 public:
  explicit HttpClient(Network& network, AddressCheck check = nullptr);
  ~HttpClient() override;  // drops what is under way; no callback is called

  Id send(const HttpClientRequest& request, Callback callback) override;
  Id post(const std::string& url, std::vector<HttpHeader> headers, std::string body, Millis timeout,
          Callback callback);
  void cancel(Id id) override;
  std::size_t in_flight() const { return exchanges_.size(); }
  std::size_t idle() const;  // connections that are kept and carry nothing

 private:
  struct Exchange;
  struct Connection;

  Status start(Id id, const HttpClientRequest& request);
  Status connect(Id id);
  Connection* take_idle(const std::string& origin);
  void keep(Id connection);
  void drop(Id connection);
  void close_expired();
  void feed(Id connection);
  void feed_later(Id connection);
  void watch_progress(Id id);
  void received(Id connection, ByteView data);
  void closed(Id connection, Error error);
  void too_late(Id id);
  void finish(Id id, Result<HttpResponse> result);
  void end_of_body(Id id);

  Network& network_;
  AddressCheck check_;
  Id next_id_ = 1;
  std::unordered_map<Id, std::unique_ptr<Exchange>> exchanges_;
  std::unordered_map<Id, std::unique_ptr<Connection>> connections_;
  std::map<std::string, std::vector<Id>> idle_;  // by origin, the one used last at the end
  Loop::TimerId idle_timer_ = 0;                 // one for all of them
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::net
