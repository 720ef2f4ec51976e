// HTTP/1.1 requests over http and https, on the loop: one connection a request, no redirects, no proxies.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http_response.h"
#include "net/network.h"
#include "net/tls_stream.h"

namespace pigeond::net {

struct HttpClientRequest {
  std::string method = "POST";
  std::string url;
  std::vector<HttpHeader> headers;  // Host, Content-Length and Connection are set here
  std::string body;
  Millis timeout = 30 * kSecond;  // from lookup to the last byte
  TlsOptions tls;
};

class HttpSender {
 public:
  using Id = std::uint64_t;
  // Any status is a response. Errors: bad_input (URL, header), resolve, io, tls, timed_out, link_lost (the
  // other side closed too early), malformed, too_large.
  using Callback = std::function<void(Result<HttpResponse>)>;

  virtual ~HttpSender() = default;
  // Calls back once, from the loop, never before it returns. The callback may destroy the sender.
  virtual Id send(const HttpClientRequest& request, Callback callback) = 0;
  virtual void cancel(Id id) = 0;  // the callback will not be called
};

class HttpClient final : public HttpSender {
 public:
  explicit HttpClient(Network& network);
  ~HttpClient() override;  // drops what is under way; no callback is called

  Id send(const HttpClientRequest& request, Callback callback) override;
  Id post(const std::string& url, std::vector<HttpHeader> headers, std::string body, Millis timeout,
          Callback callback);
  void cancel(Id id) override;
  std::size_t in_flight() const { return exchanges_.size(); }

 private:
  struct Exchange;
  Status start(Id id, const HttpClientRequest& request);
  void received(Id id, ByteView data);
  void closed(Id id, Error error);
  void finish(Id id, Result<HttpResponse> result);

  Network& network_;
  Id next_id_ = 1;
  std::unordered_map<Id, std::unique_ptr<Exchange>> exchanges_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::net
