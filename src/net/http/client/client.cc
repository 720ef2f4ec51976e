#include "net/http/client/client.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace pigeond::net {
namespace {

// Below the five seconds after which many servers hang up: a request rarely meets a connection that closes.
constexpr Millis kIdle = 4 * kSecond;
constexpr Millis kBody = 2 * kSecond;  // after the head, where only the status matters

bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 4> kReserved = {"Host", "Content-Length", "Connection",
                                                         "Transfer-Encoding"};
  return std::any_of(kReserved.begin(), kReserved.end(),
                     [&](std::string_view reserved) { return equal_ignoring_case(name, reserved); });
}

Result<std::string> request_text(const HttpClientRequest& request, const Url& url) {
  if (!check_header({request.method, ""})) return fail(Cause::bad_input, "HTTP method is not a token");
  std::string text = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  if (!request.keep_alive) text += "Connection: close\r\n";
  if (request.source && !request.body.empty()) return fail(Cause::bad_input, "two bodies for one request");
  const std::uint64_t size = request.source ? request.source_size : request.body.size();
  text += "Content-Length: " + std::to_string(size) + "\r\n";
  for (const HttpHeader& header : request.headers) {
    PIGEOND_CHECK(check_header(header));
    if (is_reserved(header.name))
      return fail(Cause::bad_input, "header " + header.name + " is not the caller's");
    text += header.name + ": " + header.value + "\r\n";
  }
  text += "\r\n";
  return text + request.body;
}

// What two requests must have in common to share a connection.
std::string origin_of(const Url& url, const TlsOptions& tls, const ProxyRef& proxy) {
  std::string origin = url.scheme + "://" + url.authority();
  if (url.secure()) origin += (tls.verify ? " " : " unverified ") + tls.ca_file;
  if (proxy) origin += " through " + proxy->username + ":" + proxy->password + "@" + proxy->text();
  return origin;
}

}  // namespace

struct HttpClient::Exchange {
  Exchange(Callback to_call, const HttpClientRequest& request)
      : callback(std::move(to_call)), status_only(request.status_only), parser(parser_for(request)) {
    parser.set_on_head(request.on_head);
  }

  static HttpResponseParser parser_for(const HttpClientRequest& request) {
    if (request.sink) return HttpResponseParser(request.sink, request.most_body);
    return HttpResponseParser(request.status_only ? 0 : request.most_body);
  }

  Callback callback;
  bool status_only;
  HttpResponseParser parser;
  Url url;
  TlsOptions tls;
  ProxyRef proxy;
  std::string origin;
  std::string text;  // of the request; kept while it may have to go out again
  bool keep_alive = false;
  Millis deadline = 0;  // mono
  Millis timeout = 0;
  Loop::TimerId timer = 0;
  Id connection = 0;

  std::function<Result<Bytes>(std::size_t)> source;
  std::uint64_t source_left = 0;  // bytes of the body that it has not been asked for
  bool asked = false;             // it has

  Millis stall = 0;
  Loop::TimerId stall_timer = 0;
  Millis moved_at = 0;       // mono
  bool moved = false;        // since it was looked at
  std::size_t buffered = 0;  // in the stream, when it was looked at
};

struct HttpClient::Connection {
  Id id = 0;
  std::string origin;
  std::unique_ptr<Stream> stream;
  Id exchange = 0;      // 0: idle
  bool reused = false;  // has carried a request before this one
  Millis idle_until = 0;
};

HttpClient::HttpClient(Network& network, AddressCheck check) : network_(network), check_(std::move(check)) {}

HttpClient::~HttpClient() {
  for (auto& [id, exchange] : exchanges_) {
    network_.loop().cancel(exchange->timer);
    network_.loop().cancel(exchange->stall_timer);
  }
  network_.loop().cancel(idle_timer_);
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
  exchanges_.emplace(id, std::make_unique<Exchange>(std::move(callback), request));
  if (auto status = start(id, request); !status) {
    network_.loop().post([this, alive = std::weak_ptr<char>(life_), id, error = status.error()] {
      if (!alive.expired()) finish(id, error);
    });
  }
  return id;
}

Status HttpClient::start(Id id, const HttpClientRequest& request) {
  Exchange& exchange = *exchanges_.at(id);
  PIGEOND_TRY(exchange.url, parse_url(request.url));
  if (exchange.url.scheme != "http" && exchange.url.scheme != "https")
    return fail(Cause::bad_input, "not an http or https URL");
  PIGEOND_TRY(exchange.text, request_text(request, exchange.url));
  exchange.tls = request.tls;
  exchange.proxy = request.proxy;
  exchange.origin = origin_of(exchange.url, request.tls, request.proxy);
  exchange.keep_alive = request.keep_alive;
  exchange.timeout = request.timeout;
  exchange.moved_at = network_.loop().now().mono;
  exchange.deadline = exchange.moved_at + request.timeout;
  exchange.stall = request.stall;
  if (request.source) {
    exchange.source = request.source;
    exchange.source_left = request.source_size;
  }
  if (Connection* kept = request.keep_alive ? take_idle(exchange.origin) : nullptr) {
    kept->exchange = id;
    kept->reused = true;
    exchange.connection = kept->id;
    PIGEOND_CHECK(kept->stream->write(as_bytes(exchange.text)));
    feed_later(kept->id);
  } else {
    PIGEOND_CHECK(connect(id));
  }
  exchange.timer = network_.loop().at(exchange.deadline, [this, id] { too_late(id); });
  if (exchange.stall > 0) watch_progress(id);
  return {};
}

// A fresh connection, on which the request goes out.
Status HttpClient::connect(Id id) {
  Exchange& exchange = *exchanges_.at(id);
  auto made = std::make_unique<Connection>();
  Connection& connection = *made;
  connection.id = exchange.connection = next_id_++;
  connection.origin = exchange.origin;
  connection.exchange = id;
  const Millis left = std::max<Millis>(exchange.deadline - network_.loop().now().mono, 1);
  connection.stream = connect_stream(network_, exchange.url.host, exchange.url.port, exchange.url.secure(),
                                     exchange.tls, left, check_, exchange.proxy);
  Stream::Callbacks callbacks;
  callbacks.on_data = [this, of = connection.id](ByteView data) { received(of, data); };
  callbacks.on_drained = [this, of = connection.id] { feed(of); };
  callbacks.on_closed = [this, of = connection.id](Error error) { closed(of, std::move(error)); };
  connection.stream->set_callbacks(std::move(callbacks));
  connections_.emplace(connection.id, std::move(made));
  return connection.stream->write(as_bytes(std::exchange(exchange.text, {})));
}

// --- connections between two requests ---

HttpClient::Connection* HttpClient::take_idle(const std::string& origin) {
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return nullptr;
  const Id id = found->second.back();
  found->second.pop_back();
  if (found->second.empty()) idle_.erase(found);
  return connections_.at(id).get();
}

std::size_t HttpClient::idle() const {
  std::size_t count = 0;
  for (const auto& [origin, ids] : idle_) count += ids.size();
  return count;
}

void HttpClient::keep(Id id) {
  Connection& connection = *connections_.at(id);
  connection.exchange = 0;
  connection.idle_until = network_.loop().now().mono + kIdle;
  if (idle() >= limits::kIdleConnections) {
    const auto oldest = std::min_element(idle_.begin(), idle_.end(), [&](const auto& a, const auto& b) {
      return connections_.at(a.second.front())->idle_until < connections_.at(b.second.front())->idle_until;
    });
    drop(oldest->second.front());
  }
  idle_[connection.origin].push_back(id);
  if (idle_timer_ == 0) idle_timer_ = network_.loop().at(connection.idle_until, [this] { close_expired(); });
}

void HttpClient::drop(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (const auto idle = idle_.find(found->second->origin); idle != idle_.end()) {
    std::erase(idle->second, id);
    if (idle->second.empty()) idle_.erase(idle);
  }
  connections_.erase(found);
}

void HttpClient::close_expired() {
  idle_timer_ = 0;
  const Millis now = network_.loop().now().mono;
  std::vector<Id> expired;
  Millis next = 0;
  for (const auto& [origin, ids] : idle_) {
    for (const Id id : ids) {
      const Millis until = connections_.at(id)->idle_until;
      if (until <= now) {
        expired.push_back(id);
      } else if (next == 0 || until < next) {
        next = until;
      }
    }
  }
  for (const Id id : expired) drop(id);
  if (next != 0) idle_timer_ = network_.loop().at(next, [this] { close_expired(); });
}

// --- a request ---

// The next piece of a body that has a source, once the connection has taken the last one.
void HttpClient::feed(Id connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end() || found->second->exchange == 0) return;
  const Id id = found->second->exchange;
  Exchange& exchange = *exchanges_.at(id);
  Stream& stream = *found->second->stream;
  if (exchange.source_left == 0 || stream.buffered() > 0) return;
  if (exchange.parser.status() >= 300) return;  // RFC 9112 section 9.5: nobody wants the rest
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(exchange.source_left, kBodyPiece));
  exchange.asked = true;
  const auto piece = exchange.source(most);
  if (!piece) return finish(id, piece.error());
  if (piece->empty()) return finish(id, fail(Cause::bad_input, "the request's body ended early"));
  if (piece->size() > most) return finish(id, fail(Cause::bad_input, "the request's body is too long"));
  exchange.source_left -= piece->size();
  exchange.moved = true;
  if (auto status = stream.write(*piece); !status) return finish(id, status.error());
  feed_later(connection);
}

// For what the kernel took at once, after which nothing drains: one piece a round, so that others have their
// turns.
void HttpClient::feed_later(Id connection) {
  const Connection& fed = *connections_.at(connection);
  if (exchanges_.at(fed.exchange)->source_left == 0 || fed.stream->buffered() > 0) return;
  network_.loop().post([this, alive = std::weak_ptr<char>(life_), connection] {
    if (!alive.expired()) feed(connection);
  });
}

void HttpClient::watch_progress(Id id) {
  Exchange& exchange = *exchanges_.at(id);
  const Millis now = network_.loop().now().mono;
  const std::size_t buffered = connections_.at(exchange.connection)->stream->buffered();
  if (std::exchange(exchange.moved, false) || buffered != exchange.buffered) exchange.moved_at = now;
  exchange.buffered = buffered;
  if (now - exchange.moved_at >= exchange.stall)
    return finish(id, fail(Cause::timed_out, exchange.url.host + ": nothing moved in " +
                                                 std::to_string(exchange.stall) + " ms"));
  const Millis next =
      std::min(now + std::max<Millis>(exchange.stall / 4, 1), exchange.moved_at + exchange.stall);
  exchange.stall_timer = network_.loop().at(next, [this, id] { watch_progress(id); });
}

void HttpClient::received(Id connection, ByteView data) {
  const Id id = connections_.at(connection)->exchange;
  if (id == 0) return drop(connection);  // nobody asked
  Exchange& exchange = *exchanges_.at(id);
  exchange.text = std::string();
  exchange.moved = true;
  const bool had_status = exchange.parser.has_status();
  auto complete = exchange.parser.receive(data);
  if (complete && *complete) return finish(id, exchange.parser.take());
  if (exchange.status_only && exchange.parser.has_status()) {
    // Whatever is wrong with the body, the answer is there.
    if (!complete || exchange.parser.after_head() >= limits::kHttpResponseBody) return end_of_body(id);
    if (had_status) return;
    network_.loop().cancel(exchange.timer);
    exchange.timer = network_.loop().after(kBody, [this, id] { end_of_body(id); });
    return;
  }
  if (!complete) finish(id, complete.error());
}

// The answer counts without the rest of its body.
void HttpClient::end_of_body(Id id) {
  auto response = exchanges_.at(id)->parser.take();
  response.truncated = true;
  response.keep_alive = false;
  finish(id, std::move(response));
}

void HttpClient::closed(Id connection, Error error) {
  const Connection& over = *connections_.at(connection);
  const Id id = over.exchange;
  if (id == 0) return drop(connection);
  Exchange& exchange = *exchanges_.at(id);
  if (over.reused && !exchange.parser.started() && !exchange.asked) {
    drop(connection);
    if (auto status = connect(id); !status) finish(id, status.error());
    return;
  }
  if (error.cause == Cause::link_lost && exchange.parser.end().ok())
    return finish(id, exchange.parser.take());
  if (exchange.status_only && exchange.parser.has_status()) return end_of_body(id);
  if (error.cause == Cause::link_lost)
    error.detail += exchange.parser.started() ? ", in the middle of its answer" : ", without an answer";
  finish(id, std::move(error));
}

void HttpClient::too_late(Id id) {
  const Exchange& exchange = *exchanges_.at(id);
  const bool sent_whole =
      exchange.source_left == 0 && connections_.at(exchange.connection)->stream->buffered() == 0;
  const std::string time = std::to_string((exchange.timeout + kSecond - 1) / kSecond) + " s";
  finish(id, sent_whole ? fail(Cause::no_ack, exchange.url.host + " gave no answer in " + time +
                                                  " to a request that had been sent whole")
                        : fail(Cause::timed_out, exchange.url.host + " did not take the request in " + time));
}

void HttpClient::cancel(Id id) {
  auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  network_.loop().cancel(found->second->timer);
  network_.loop().cancel(found->second->stall_timer);
  const Id connection = found->second->connection;
  exchanges_.erase(found);
  drop(connection);
}

void HttpClient::finish(Id id, Result<HttpResponse> result) {
  auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;  // cancelled
  Exchange& exchange = *found->second;
  const auto connection = connections_.find(exchange.connection);
  const bool reusable = exchange.keep_alive && result && result->keep_alive && exchange.source_left == 0 &&
                        connection != connections_.end() && connection->second->stream->buffered() == 0;
  Callback callback = std::move(exchange.callback);
  if (reusable) {
    network_.loop().cancel(exchange.timer);
    network_.loop().cancel(exchange.stall_timer);
    exchanges_.erase(found);
    keep(connection->first);
  } else {
    cancel(id);
  }
  callback(std::move(result));
}

}  // namespace pigeond::net
