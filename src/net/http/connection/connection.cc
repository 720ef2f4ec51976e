#include "net/http/connection/connection.h"

#include <algorithm>

#include "base/log.h"
#include "net/http/transaction.h"

namespace pigeond::net {
namespace {

constexpr std::uint64_t kLeastRate = 1024;  // bytes a second, of a body
constexpr Millis kGoodWill = 2 * kSecond;   // for a head, where somebody else wants the place
constexpr Millis kReading = 10 * kSecond;   // from a head to an answer that was read, likewise

}  // namespace

HttpConnection::HttpConnection(HttpHouse& house, std::uint64_t id, std::unique_ptr<Stream> stream, bool open,
                               const HttpAdmit& admit, HttpPeer peer)
    : house_(house),
      id_(id),
      admit_(admit),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      phase_(open ? Phase::idle : Phase::handshake),
      since_(house.loop.now().mono) {
  wait_until(since_ + (open ? house_.options.idle_time : house_.options.head_time));
  listen_to_stream();
}

HttpConnection::~HttpConnection() {
  if (phase_ != Phase::ended) end(fail(Cause::shutting_down, "the server stops"));
}

void HttpConnection::listen_to_stream() {
  Stream::Callbacks callbacks;
  callbacks.on_open = [this] {
    phase_ = Phase::idle;
    since_ = house_.loop.now().mono;
    wait_until(since_ + house_.options.idle_time);
  };
  callbacks.on_data = [this](ByteView data) { guarded([&] { receive(data); }); };
  callbacks.on_drained = [this] { guarded([&] { drained(); }); };
  callbacks.on_end = [this] { guarded([&] { other_side_ended(); }); };
  callbacks.on_closed = [this](const Error& error) { end(error); };
  stream_->set_callbacks(std::move(callbacks));
}

// Memory may run out anywhere; that is this connection's end and nobody else's.
void HttpConnection::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log::error("http_connection", {{"error", error.what()}});
    end(fail(Cause::internal, "out of memory, or a handler that threw"));
  }
}

void HttpConnection::wait_until(Millis mono) {
  deadline_ = mono;
  house_.wake_at(mono);
}

void HttpConnection::receive(ByteView data) {
  if (phase_ == Phase::closing || phase_ == Phase::ended) return;
  HttpTally::add(house_.tally->bytes_read, data.size());
  if (!in_.empty()) {
    in_.insert(in_.end(), data.begin(), data.end());
    return go_on();
  }
  process(data);
  if (!data.empty()) in_ = to_bytes(data);
  update_reading();
}

void HttpConnection::go_on() {
  Bytes all = std::exchange(in_, {});
  ByteView rest = all;
  process(rest);
  if (rest.size() == all.size()) {
    in_ = std::move(all);
  } else if (!rest.empty()) {
    in_ = to_bytes(rest);
  }
  update_reading();
}

// Not read are: who sends much ahead of his answers until these are out, a body that its sink has stopped,
// and one that is refused.
void HttpConnection::update_reading() {
  if (phase_ == Phase::ended || phase_ == Phase::closing || half_closed_) return;
  const bool busy = phase_ == Phase::delayed || phase_ == Phase::serving || phase_ == Phase::sending ||
                    phase_ == Phase::streaming;
  const bool wanted = in_.size() <= (busy ? 0 : limits::kHttpHead) &&
                      !(transaction_ && transaction_->paused) && !(phase_ == Phase::delayed && close_after_);
  if (wanted != reading_) stream_->set_reading(reading_ = wanted);
}

void HttpConnection::process(ByteView& rest) {
  while (true) {
    switch (phase_) {
      case Phase::idle:
        if (rest.empty()) {
          if (half_closed_) start_closing();
          return;
        }
        phase_ = Phase::head;
        scanner_ = HttpHeadScanner();
        since_ = house_.loop.now().mono;
        wait_until(since_ + house_.options.head_time);
        break;
      case Phase::head:
        process_head(rest);
        if (phase_ == Phase::head) return;
        break;
      case Phase::body:
        process_body(rest);
        if (phase_ == Phase::body) return;
        break;
      case Phase::serving:
        if (rest.empty()) return;  // a worker answers without a word to the loop
        if (auto outcome = transaction_->exchange->take_or_wait()) {
          conclude(std::move(*outcome));
          break;
        }
        return;
      case Phase::delayed:
        if (close_after_) rest = {};
        return;
      case Phase::sending:
      case Phase::streaming:
        return;
      case Phase::handshake:
      case Phase::closing:
      case Phase::ended:
        rest = {};
        return;
    }
  }
}

void HttpConnection::process_head(ByteView& rest) {
  auto size = scanner_.scan(rest);
  if (!size) return refuse(size.error());
  if (!*size) {
    if (half_closed_) start_closing();
    return;
  }
  auto frame = parse_http_request(as_text(rest.first(**size)));
  rest = rest.subspan(**size);
  if (!frame) return refuse(frame.error());
  HttpTally::add(house_.tally->requests);
  frame->request.peer = peer_.address;
  frame->request.network = peer_.network.empty() ? peer_.address : peer_.network;
  transaction_ = std::make_unique<Transaction>();
  transaction_->frame = std::move(*frame);
  transaction_->head_only = transaction_->frame.request.method == "HEAD";
  transaction_->range = transaction_->frame.request.header("range");
  close_after_ = !transaction_->frame.keep_alive;
  admit_request(rest);
}

void HttpConnection::process_body(ByteView& rest) {
  auto& reader = *transaction_->reader;
  while (!transaction_->paused) {
    auto piece = reader.next(rest);
    if (!piece) {
      if (auto sink = std::move(transaction_->sink)) sink->broken(piece.error());
      return refuse(piece.error());
    }
    if (!piece->empty() && transaction_->sink) {
      if (!transaction_->sink->data(*piece)) transaction_->paused = true;
      if (phase_ != Phase::body) return;
    } else if (!piece->empty()) {
      if (house_.tally->body_bytes.load() + piece->size() > house_.options.body_bytes)
        return reply_error(503, "too many bodies at once", true);
      transaction_->charge->add(piece->size());
      transaction_->frame.request.body += as_text(*piece);
    }
    if (reader.complete()) return body_complete();
    if (piece->empty()) break;
  }
  if (half_closed_ && !transaction_->paused) end(fail(Cause::link_lost, "closed by the other side"));
}

void HttpConnection::resume_body() {
  if (phase_ != Phase::body || !transaction_->paused) return;
  transaction_->paused = false;
  transaction_->window_start = transaction_->reader->received();
  wait_until(house_.loop.now().mono + house_.options.rate_window);
  go_on();
}

void HttpConnection::other_side_ended() {
  half_closed_ = true;
  switch (phase_) {
    case Phase::serving:
      if (auto outcome = transaction_->exchange->take_or_wait()) {
        conclude(std::move(*outcome));
        go_on();
      }
      return;
    case Phase::delayed:
    case Phase::sending:
      return;  // nothing more to be read: closed when all is answered
    case Phase::body:
      if (transaction_->paused) return;
      break;
    default:
      break;
  }
  end(fail(Cause::link_lost, "closed by the other side"));
}

void HttpConnection::rung() {
  guarded([&] {
    if (phase_ != Phase::serving && phase_ != Phase::body) return;
    if (!transaction_->exchange || !transaction_->exchange->answered()) return resume_body();
    if (phase_ == Phase::body) {  // answered before its body was read
      transaction_->sink.reset();
      close_after_ = true;
    }
    if (auto outcome = transaction_->exchange->take_or_wait()) conclude(std::move(*outcome));
    go_on();
  });
}

bool HttpConnection::idle() {
  const Millis began = since_;
  if (phase_ == Phase::serving) {
    rung();
    if (phase_ == Phase::idle) since_ = began;  // when it was answered nobody knows; not long after, mostly
  }
  return phase_ == Phase::idle;
}

bool HttpConnection::dawdles(Millis now) const {
  switch (phase_) {
    case Phase::handshake:
    case Phase::head:
      return now - since_ > kGoodWill;
    case Phase::sending:
      return now - since_ > kReading;
    case Phase::delayed:
    case Phase::closing:
      return true;
    default:
      return false;
  }
}

void HttpConnection::shut() {
  guarded([&] {
    if (phase_ == Phase::serving) {
      if (auto outcome = transaction_->exchange->take_or_wait()) conclude(std::move(*outcome));
    }
    if (phase_ == Phase::idle) end(fail(Cause::shutting_down, "the server stops"));
  });
}

void HttpConnection::drained() {
  if (phase_ == Phase::sending) {
    written();
    if (phase_ == Phase::idle) go_on();
  }
}

void HttpConnection::tick(Millis now) {
  if (now < deadline_ || phase_ == Phase::ended) return;
  guarded([&] {
    switch (phase_) {
      case Phase::handshake:
        HttpTally::add(house_.tally->timeouts);
        return end(fail(Cause::timed_out, "handshake"));
      case Phase::idle:
        return end(fail(Cause::timed_out, "idle"));
      case Phase::head:
        HttpTally::add(house_.tally->timeouts);
        return reply_error(408, "the head took too long");
      case Phase::delayed: {
        auto& answer = std::get<HttpAnswer>(transaction_->admission);
        reply(std::move(answer.reply), close_after_);
        return go_on();
      }
      case Phase::serving:
        if (transaction_->give_up && now >= *transaction_->give_up) {
          transaction_->give_up.reset();
          HttpTally::add(house_.tally->timeouts);
          transaction_->exchange->answer(error(504, "nobody answered in time"));  // unless somebody just does
        }
        wait_until(now + house_.options.idle_time);
        return rung();
      case Phase::body:
      case Phase::sending:
      case Phase::streaming:
        return check_progress(now);
      case Phase::closing:
      case Phase::ended:
        deadline_ = now + house_.options.idle_time;
        return;
    }
  });
}

void HttpConnection::check_progress(Millis now) {
  auto& transaction = *transaction_;
  bool slow = false;
  if (phase_ == Phase::body) {
    const auto received = transaction.reader->received();
    const auto least = kLeastRate * static_cast<std::uint64_t>(house_.options.rate_window / kSecond);
    slow = !transaction.paused && received - transaction.window_start < least;
    transaction.window_start = received;
  } else {
    const auto waiting = stream_->buffered();
    const auto taken = transaction.written - std::min<std::uint64_t>(waiting, transaction.written);
    slow = waiting > 0 && taken == transaction.taken;
    transaction.taken = taken;
  }
  const auto window = phase_ == Phase::body ? house_.options.rate_window : house_.options.write_time;
  if (!slow) return wait_until(now + window);
  HttpTally::add(house_.tally->timeouts);
  const auto error = fail(Cause::timed_out, phase_ == Phase::body ? "the body comes too slowly" : "not read");
  if (phase_ != Phase::body) return end(error);
  if (auto sink = std::move(transaction.sink)) sink->broken(error);
  reply_error(408, error.detail);
}

void HttpConnection::end(const Error& error) {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::ended;
  in_ = Bytes();
  if (auto transaction = std::move(transaction_)) {
    if (transaction->exchange) transaction->exchange->connection_gone();
    if (transaction->sink) transaction->sink->broken(error);
    if (auto writer = transaction->writer.lock()) writer->lost(error);
  }
  house_.ended(id_);
}

}  // namespace pigeond::net
