// From the decision about a request to its handler.
#include <new>

#include "base/log.h"
#include "net/http/connection/connection.h"
#include "net/http/connection/reply_writer.h"
#include "net/http/transaction.h"

namespace pigeond::net {
namespace {

constexpr std::string_view kNoMemory =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

// Answers with 503 when the last responder goes and nobody has.
class LastResort final : public HttpResponder::Target {
 public:
  LastResort(std::shared_ptr<HttpExchange> exchange, HttpErrorBody error_body, HttpHeaders headers)
      : exchange_(std::move(exchange)), error_body_(std::move(error_body)), headers_(std::move(headers)) {}
  ~LastResort() override {
    if (!exchange_->wanted()) return;
    try {
      HttpReply reply;
      reply.status = 503;
      reply.headers = std::move(headers_);
      reply.headers.emplace_back("Retry-After", "1");
      reply.body = error_body_(503, "nobody answered");
      exchange_->answer(std::move(reply));
    } catch (const std::exception& error) {
      log::error("http_answer", {{"error", error.what()}});
    }
  }
  void answer(HttpReply reply) override { exchange_->answer(std::move(reply)); }
  bool wanted() override { return exchange_->wanted(); }

 private:
  std::shared_ptr<HttpExchange> exchange_;
  HttpErrorBody error_body_;
  HttpHeaders headers_;
};

// What a worker needs to serve a request; nothing of the connection, which may end meanwhile.
struct Job {
  HttpRequest request;
  HttpHandler handler;
  std::shared_ptr<HttpBodyCharge> charge;
  std::shared_ptr<HttpExchange> exchange;
  const HttplibAnswerer& answerer;
  HttpErrorBody error_body;
  HttpHeaders error_headers;

  void run() {
    const bool keep = exchange->terms().keep_alive;
    auto answer = answerer.answer(request, handler, keep);
    if (!answer.agreed) {
      HttpReply reply;
      reply.status = 400;
      reply.close = true;
      reply.headers = error_headers;
      reply.body = error_body(400, "the request can be read in two ways");
      return exchange->answer(std::move(reply));
    }
    const int status = answer.reply.status;
    if (answer.bytes.empty()) return exchange->answer(std::move(answer.reply));
    exchange->answer_bytes(std::move(answer.bytes), status, !keep || answer.reply.close);
  }

  void run_guarded() {
    if (!exchange->wanted()) return;
    try {
      run();
    } catch (const std::exception& error) {
      log::error("http_worker", {{"error", error.what()}});
      try {
        exchange->answer_bytes(std::string(kNoMemory), 503, true);
      } catch (const std::exception&) {  // its connection's deadline sees to it
      }
    }
  }
};

}  // namespace

void HttpConnection::admit_request(ByteView& rest) {
  auto& transaction = *transaction_;
  if (house_.options.error_headers)
    transaction.error_headers = house_.options.error_headers(transaction.frame.request);
  if (house_.refusal) {
    close_after_ = true;
    HttpReply refusal = *house_.refusal;
    refusal.headers.insert(refusal.headers.end(), transaction.error_headers.begin(),
                           transaction.error_headers.end());
    transaction.admission = HttpAnswer{std::move(refusal)};
  } else {
    transaction.admission = admit_(transaction.frame.request);
  }
  std::visit([&](auto& admission) { begin(admission, rest); }, transaction.admission);
}

void HttpConnection::begin(HttpAnswer& answer, ByteView& rest) {
  const auto& request = transaction_->frame.request;
  if (request.has_body()) {
    // A small body that is here already is passed over; for any other nobody waits.
    if (!request.chunked && *request.length <= rest.size()) {
      rest = rest.subspan(static_cast<std::size_t>(*request.length));
    } else {
      close_after_ = true;
      rest = {};
    }
  }
  if (answer.delay <= 0) return reply(std::move(answer.reply), close_after_);
  phase_ = Phase::delayed;
  wait_until(house_.loop.now().mono + answer.delay);
}

void HttpConnection::begin(HttpWork& work, ByteView& rest) {
  collect(work.body_limit, rest);
}

void HttpConnection::begin(HttpLater& later, ByteView& rest) {
  collect(later.body_limit, rest);
}

void HttpConnection::begin(HttpUpload& upload, ByteView& rest) {
  auto& transaction = *transaction_;
  const auto length = transaction.frame.request.length;
  if (length > upload.body_limit)
    return reply_error(413, "the body is over " + std::to_string(upload.body_limit) + " bytes");
  make_exchange(false);
  const auto responder = make_responder();
  const bool has_body = transaction.frame.request.has_body();
  transaction.sink = upload.open(transaction.frame.request, body_source(), responder);
  if (!transaction.sink) {
    close_after_ = close_after_ || has_body;
    phase_ = Phase::serving;
    return rung();
  }
  if (!has_body) {
    phase_ = Phase::body;
    return body_complete();
  }
  start_body(upload.body_limit, rest);
}

void HttpConnection::begin(HttpTakeOver& take_over, ByteView& rest) {
  if (transaction_->frame.request.has_body()) return reply_error(400, "an upgrade has no body");
  const auto take = std::move(take_over.take);
  HttpUpgrade upgrade{std::move(transaction_->frame.request), std::move(stream_), to_bytes(rest)};
  rest = {};
  upgrade.stream->set_callbacks({});
  end(fail(Cause::cancelled, "upgraded"));
  take(std::move(upgrade));
}

void HttpConnection::collect(std::size_t limit, ByteView& rest) {
  auto& transaction = *transaction_;
  const auto& request = transaction.frame.request;
  if (request.length > limit) return reply_error(413, "the body is over " + std::to_string(limit) + " bytes");
  if (house_.tally->body_bytes.load() + request.length.value_or(0) > house_.options.body_bytes)
    return reply_error(503, "too many bodies at once", true);
  transaction.charge = std::make_shared<HttpBodyCharge>(house_.tally);
  if (!request.has_body()) return body_complete();
  start_body(limit, rest);
}

void HttpConnection::start_body(std::uint64_t limit, const ByteView& rest) {
  auto& transaction = *transaction_;
  transaction.reader.emplace(transaction.frame.request.length, limit);
  phase_ = Phase::body;
  wait_until(house_.loop.now().mono + house_.options.rate_window);
  if (transaction.frame.expects_continue && rest.empty()) write("HTTP/1.1 100 Continue\r\n\r\n");
}

void HttpConnection::body_complete() {
  if (std::holds_alternative<HttpWork>(transaction_->admission)) return run_work();
  if (std::holds_alternative<HttpLater>(transaction_->admission)) return run_later();
  phase_ = Phase::serving;
  wait_until(house_.loop.now().mono + house_.options.idle_time);
  if (auto sink = std::move(transaction_->sink)) sink->end();
  rung();
}

// `direct`: whoever answers may write to the socket.
void HttpConnection::make_exchange(bool direct) {
  HttpExchange::Terms terms;
  terms.connection = id_;
  terms.keep_alive = !close_after_;
  terms.head_only = transaction_->head_only;
  terms.idle = told_idle();
  auto lease = direct && stream_->buffered() == 0 ? stream_->lease() : nullptr;
  transaction_->exchange =
      std::make_shared<HttpExchange>(house_.doorbell, house_.tally, std::move(lease), terms);
}

HttpResponder HttpConnection::make_responder() {
  return HttpResponder(
      std::make_shared<LastResort>(transaction_->exchange, house_.error_body, transaction_->error_headers));
}

HttpBodySource HttpConnection::body_source() {
  return HttpBodySource([doorbell = house_.doorbell, id = id_] { doorbell->ring(id); });
}

void HttpConnection::run_work() {
  auto& transaction = *transaction_;
  auto& work = std::get<HttpWork>(transaction.admission);
  make_exchange(true);
  auto job = std::make_shared<Job>(Job{std::move(transaction.frame.request), std::move(work.handler),
                                       std::move(transaction.charge), transaction.exchange, house_.answerer,
                                       house_.error_body, transaction.error_headers});
  phase_ = Phase::serving;
  wait_until(house_.loop.now().mono + house_.options.idle_time);
  const auto outcome = house_.workers.submit([job] { job->run_guarded(); });
  if (outcome == HttpWorkers::Outcome::taken) return;
  transaction.exchange.reset();
  reply_error(503,
              outcome == HttpWorkers::Outcome::queue_full ? "too many requests wait" : "no thread to be had",
              true);
}

void HttpConnection::run_later() {
  auto& transaction = *transaction_;
  const auto handler = std::move(std::get<HttpLater>(transaction.admission).handler);
  const Millis patience = std::get<HttpLater>(transaction.admission).patience;
  if (house_.tally->busy.load() >= limits::kHttpLater)
    return reply_error(503, "too many requests wait", true);
  make_exchange(true);
  const auto responder = make_responder();  // outlives an exception
  const auto exchange = transaction.exchange;
  const auto charge = std::move(transaction.charge);
  phase_ = Phase::serving;
  transaction.give_up = house_.loop.now().mono + patience;
  wait_until(*transaction.give_up);
  try {
    handler(std::move(transaction.frame.request), responder);
  } catch (const std::exception& error) {
    log::error("http_handler", {{"error", error.what()}});
    exchange->answer(HttpConnection::error(500, {}));
  }
}

}  // namespace pigeond::net
