#include "net/http_client.h"

#include <algorithm>
#include <array>

namespace pigeond::net {
namespace {

bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 4> kReserved = {"Host", "Content-Length", "Connection",
                                                         "Transfer-Encoding"};
  return std::any_of(kReserved.begin(), kReserved.end(),
                     [&](std::string_view reserved) { return equal_ignoring_case(name, reserved); });
}

Result<std::string> request_text(const HttpClientRequest& request, const Url& url) {
  if (!check_header({request.method, ""})) return fail(Cause::bad_input, "HTTP method is not a token");
  std::string text = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                     "\r\nConnection: close\r\nContent-Length: " + std::to_string(request.body.size()) +
                     "\r\n";
  for (const HttpHeader& header : request.headers) {
    PIGEOND_CHECK(check_header(header));
    if (is_reserved(header.name))
      return fail(Cause::bad_input, "header " + header.name + " is not the caller's");
    text += header.name + ": " + header.value + "\r\n";
  }
  text += "\r\n";
  return text + request.body;
}

}  // namespace

struct HttpClient::Exchange {
  Callback callback;
  std::unique_ptr<Stream> stream;
  HttpResponseParser parser;
  Loop::TimerId timer = 0;
};

HttpClient::HttpClient(Network& network) : network_(network) {}

HttpClient::~HttpClient() {
  for (auto& [id, exchange] : exchanges_) network_.loop().cancel(exchange->timer);
}

HttpClient::Id HttpClient::post(const std::string& url, std::vector<HttpHeader> headers, std::string body,
                                Millis timeout, Callback callback) {
  HttpClientRequest request;
  request.url = url;
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.timeout = timeout;
  return send(request, std::move(callback));
}

HttpClient::Id HttpClient::send(const HttpClientRequest& request, Callback callback) {
  const Id id = next_id_++;
  auto exchange = std::make_unique<Exchange>();
  exchange->callback = std::move(callback);
  exchanges_.emplace(id, std::move(exchange));
  if (auto status = start(id, request); !status) {
    network_.loop().post([this, alive = std::weak_ptr<char>(life_), id, error = status.error()] {
      if (!alive.expired()) finish(id, error);
    });
  }
  return id;
}

Status HttpClient::start(Id id, const HttpClientRequest& request) {
  PIGEOND_TRY(auto url, parse_url(request.url));
  if (url.scheme != "http" && url.scheme != "https")
    return fail(Cause::bad_input, "not an http or https URL");
  PIGEOND_TRY(auto text, request_text(request, url));
  Exchange& exchange = *exchanges_.at(id);
  exchange.stream = connect_stream(network_, url.host, url.port, url.secure(), request.tls, request.timeout);
  Stream::Callbacks callbacks;
  callbacks.on_data = [this, id](ByteView data) { received(id, data); };
  callbacks.on_closed = [this, id](Error error) { closed(id, std::move(error)); };
  exchange.stream->set_callbacks(std::move(callbacks));
  PIGEOND_CHECK(exchange.stream->write(as_bytes(text)));
  exchange.timer = network_.loop().after(request.timeout, [this, id, host = url.host] {
    finish(id, fail(Cause::timed_out, "no HTTP response from " + host + " in time"));
  });
  return {};
}

void HttpClient::received(Id id, ByteView data) {
  Exchange& exchange = *exchanges_.at(id);
  auto complete = exchange.parser.receive(data);
  if (!complete) return finish(id, complete.error());
  if (*complete) finish(id, exchange.parser.take());
}

void HttpClient::closed(Id id, Error error) {
  Exchange& exchange = *exchanges_.at(id);
  if (error.cause == Cause::link_lost && exchange.parser.end().ok())
    return finish(id, exchange.parser.take());
  finish(id, std::move(error));
}

void HttpClient::cancel(Id id) {
  auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  network_.loop().cancel(found->second->timer);
  exchanges_.erase(found);
}

void HttpClient::finish(Id id, Result<HttpResponse> result) {
  auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;  // cancelled
  Callback callback = std::move(found->second->callback);
  cancel(id);
  callback(std::move(result));
}

}  // namespace pigeond::net
