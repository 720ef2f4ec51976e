// Answers on their way out.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/limits.h"
#include "net/http/connection/connection.h"
#include "net/http/connection/reply_writer.h"
#include "net/http/range.h"
#include "net/http/transaction.h"

namespace pigeond::net {
namespace {

constexpr Millis kHintMargin = 2 * kSecond;  // clients should give up an idle connection before we do
constexpr std::size_t kAhead = 64 * 1024;    // bytes in the stream's buffer, of what comes in pieces
constexpr std::size_t kFilePiece = 16 * 1024;

std::string chunk(std::string_view data) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string size;
  for (auto rest = data.size(); rest > 0; rest /= 16) size.insert(size.begin(), kDigits[rest % 16]);
  return size.append("\r\n").append(data).append("\r\n");
}

}  // namespace

Millis HttpConnection::told_idle() const {
  return std::max<Millis>(house_.options.idle_time - kHintMargin, kSecond);
}

// A request that can not be trusted: nothing after it is read.
void HttpConnection::refuse(const Error& error) {
  HttpTally::add(house_.tally->malformed);
  reply_error(error.code, error.detail);
}

void HttpConnection::reply_error(int status, std::string_view reason, bool overload) {
  if (overload) HttpTally::add(house_.tally->overloads);
  reply(error(status, reason), true);
}

HttpReply HttpConnection::error(int status, std::string_view reason) const {
  HttpReply answer;
  answer.status = status;
  answer.body = house_.error_body(status, reason);
  if (transaction_) answer.headers = transaction_->error_headers;
  if (status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

void HttpConnection::reply(HttpReply reply, bool close) {
  if (!transaction_) transaction_ = std::make_unique<Transaction>();
  house_.tally->answered(reply.status);
  close_after_ = close || reply.close;
  if (reply.file) return reply_file(reply);
  if (reply.stream) return reply_stream(reply);
  send_text(http_reply_text(reply, transaction_->head_only, close_after_ ? 0 : told_idle()));
}

void HttpConnection::send_text(std::string bytes) {
  phase_ = Phase::sending;
  transaction_->text = std::move(bytes);
  transaction_->text_at = 0;
  written();
}

void HttpConnection::reply_file(HttpReply& reply) {
  auto& file = *reply.file;
  const auto range = http_range(transaction_->range, file.size);
  reply.headers.emplace_back("Accept-Ranges", "bytes");
  const bool part = range.kind == HttpRange::Kind::part && reply.status == 200;
  if (range.kind == HttpRange::Kind::unsatisfiable && reply.status == 200) {
    reply.headers.emplace_back("Content-Range", "bytes */" + std::to_string(file.size));
    reply.status = 416;
    file.size = 0;
  } else if (part) {
    reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                    std::to_string(range.first + range.size - 1) + "/" +
                                                    std::to_string(file.size));
    reply.status = 206;
    file.offset += range.first;
    file.size = range.size;
  }
  phase_ = Phase::sending;
  write(http_reply_head(reply, HttpBodyForm::length, file.size, close_after_ ? 0 : told_idle()));
  if (!transaction_->head_only) transaction_->file = std::move(file);
  written();
}

void HttpConnection::reply_stream(HttpReply& reply) {
  const bool chunks = !transaction_->frame.http_1_0;
  close_after_ = close_after_ || !chunks;
  const auto form = chunks ? HttpBodyForm::chunks : HttpBodyForm::until_close;
  write(http_reply_head(reply, form, 0, close_after_ ? 0 : told_idle()));
  if (transaction_->head_only || half_closed_) {
    phase_ = Phase::sending;
    return written();
  }
  phase_ = Phase::streaming;
  wait_until(house_.loop.now().mono + house_.options.write_time);
  auto writer = std::make_shared<Writer>(*this, chunks);
  transaction_->writer = writer;
  reply.stream(std::move(writer));
}

void HttpConnection::conclude(HttpExchange::Outcome outcome) {
  close_after_ = close_after_ || outcome.close;
  transaction_->exchange.reset();
  if (outcome.reply) return reply(std::move(*outcome.reply), close_after_);
  send_text(std::move(outcome.rest));
}

// A stream that takes no more says so in on_closed, from the loop.
void HttpConnection::write(std::string_view bytes) {
  transaction_->written += bytes.size();
  (void)stream_->write(as_bytes(bytes));
}

// In phase `sending`: goes on as far as the client reads.
void HttpConnection::written() {
  send_text_pieces();
  send_file_pieces();
  if (phase_ != Phase::sending) return;
  if (stream_->buffered() == 0 && transaction_->text.empty() && !transaction_->file) return finished();
  wait_until(house_.loop.now().mono + house_.options.write_time);
}

void HttpConnection::send_text_pieces() {
  auto& text = transaction_->text;
  auto& at = transaction_->text_at;
  while (at < text.size() && stream_->buffered() < kAhead) {
    const auto piece = std::string_view(text).substr(at, kAhead);
    write(piece);
    at += piece.size();
  }
  if (at == text.size()) text = std::string();
}

void HttpConnection::send_file_pieces() {
  auto& file = transaction_->file;
  std::array<char, kFilePiece> piece;
  while (transaction_->text.empty() && file && stream_->buffered() < kAhead) {
    if (file->size == 0) {
      file.reset();
      return;
    }
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), file->size));
    const auto count = ::pread(file->fd->get(), piece.data(), wanted, static_cast<off_t>(file->offset));
    // What was promised can not be sent any more: only a cut tells the client.
    if (count <= 0) return end(errno_error("read the file that is sent", count < 0 ? errno : EIO));
    file->offset += static_cast<std::uint64_t>(count);
    file->size -= static_cast<std::uint64_t>(count);
    write({piece.data(), static_cast<std::size_t>(count)});
  }
}

void HttpConnection::finished() {
  transaction_.reset();
  if (close_after_ || house_.refusal) return start_closing();
  phase_ = Phase::idle;
  since_ = house_.loop.now().mono;
  wait_until(since_ + house_.options.idle_time);
}

void HttpConnection::start_closing() {
  phase_ = Phase::closing;
  in_ = Bytes();
  transaction_.reset();
  stream_->close();
}

bool HttpConnection::Writer::write(std::string_view data) {
  if (connection_ == nullptr) return false;
  if (data.empty()) return true;
  if (buffered() + data.size() <= limits::kHttpStreamBacklog) {
    auto& connection = *connection_;
    connection.transaction_->written += data.size();
    if (connection.stream_->write(as_bytes(chunks_ ? chunk(data) : std::string(data)))) return true;
  }
  connection_->end(fail(Cause::too_large, "the client does not read"));
  return false;
}

std::size_t HttpConnection::Writer::buffered() const {
  return connection_ == nullptr ? 0 : connection_->stream_->buffered();
}

void HttpConnection::Writer::end() {
  if (connection_ == nullptr) return;
  auto& connection = *std::exchange(connection_, nullptr);
  callback_ = nullptr;
  if (chunks_) connection.write("0\r\n\r\n");
  connection.phase_ = Phase::sending;
  connection.written();
  if (connection.phase_ == Phase::idle) connection.go_on();
}

void HttpConnection::Writer::lost(const Error& error) {
  connection_ = nullptr;
  if (const auto callback = std::exchange(callback_, nullptr)) callback(error);
}

}  // namespace pigeond::net
