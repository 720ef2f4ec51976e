#include "net/http/exchange.h"

#include <sys/socket.h>

#include <algorithm>

#include "net/http/connection/reply_writer.h"

namespace pigeond::net {

void HttpResponder::operator()(HttpReply reply) const {
  target_->answer(std::move(reply));
}

bool HttpResponder::wanted() const {
  return target_->wanted();
}

void HttpDoorbell::ring(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) return;
  loop_->post([answered = answered_, connection] { answered(connection); });
}

void HttpDoorbell::silence() {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
  answered_ = nullptr;
}

HttpExchange::HttpExchange(std::shared_ptr<HttpDoorbell> doorbell, std::shared_ptr<HttpTally> tally,
                           std::shared_ptr<SocketLease> lease, Terms terms)
    : doorbell_(std::move(doorbell)), tally_(std::move(tally)), lease_(std::move(lease)), terms_(terms) {
  HttpTally::add(tally_->busy);
}

HttpExchange::~HttpExchange() {
  if (!answering_) HttpTally::subtract(tally_->busy);
}

bool HttpExchange::begin_answer() {
  const std::lock_guard lock(mutex_);
  if (answering_) return false;
  answering_ = true;
  HttpTally::subtract(tally_->busy);
  return !gone_;
}

void HttpExchange::answer(HttpReply reply) {
  if (!reply.file && !reply.stream) {
    const bool keep = terms_.keep_alive && !reply.close;
    answer_bytes(http_reply_text(reply, terms_.head_only, keep ? terms_.idle : 0), reply.status, !keep);
    return;
  }
  if (!begin_answer()) return;
  std::unique_lock lock(mutex_);
  Outcome outcome;
  outcome.close = reply.close;
  outcome.reply = std::move(reply);
  finish(std::move(outcome), false, lock);
}

void HttpExchange::answer_bytes(std::string bytes, int status, bool close) {
  if (!begin_answer()) return;
  tally_->answered(status);
  std::unique_lock lock(mutex_);
  std::size_t sent = 0;
  if (lease_) {
    const std::lock_guard lease_lock(lease_->mutex);
    if (lease_->fd >= 0) {
      const auto count = ::send(lease_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      sent = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
  }
  Outcome outcome;
  outcome.close = close;
  const bool whole = sent == bytes.size();
  if (!whole) {
    bytes.erase(0, sent);
    outcome.rest = std::move(bytes);
  }
  finish(std::move(outcome), whole && !close, lock);
}

// Under the lock, so that the loop is either rung or finds the outcome by itself.
void HttpExchange::finish(Outcome outcome, bool quiet, std::unique_lock<std::mutex>& lock) {
  outcome_ = std::move(outcome);
  const bool ring = !gone_ && (!quiet || loop_waits_);
  lock.unlock();
  if (ring) doorbell_->ring(terms_.connection);
}

bool HttpExchange::wanted() {
  const std::lock_guard lock(mutex_);
  return !answering_ && !gone_;
}

std::optional<HttpExchange::Outcome> HttpExchange::take_or_wait() {
  const std::lock_guard lock(mutex_);
  if (!outcome_) loop_waits_ = true;
  return std::exchange(outcome_, std::nullopt);
}

bool HttpExchange::answered() {
  const std::lock_guard lock(mutex_);
  return outcome_.has_value();
}

void HttpExchange::connection_gone() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
}

}  // namespace pigeond::net
