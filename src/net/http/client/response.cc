#include "net/http/client/response.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kMaxLine = 1024;  // bytes of a chunk's size line, with its extensions

std::optional<std::uint64_t> parse_chunk_size(std::string_view text) {
  text = trim(text.substr(0, text.find(';')));
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint64_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

Result<bool> HttpResponseParser::receive(ByteView data) {
  started_ = started_ || !data.empty();
  while (state_ != State::done && !data.empty()) {
    std::size_t taken = 0;
    const bool in_body = state_ != State::head;
    if (state_ == State::head) {
      PIGEOND_TRY(taken, receive_head(data));
    } else if (state_ == State::chunk_size || state_ == State::chunk_end || state_ == State::trailer) {
      PIGEOND_TRY(taken, receive_line(data));
    } else {
      PIGEOND_TRY(taken, receive_body(data));
    }
    if (in_body) after_head_ += taken;
    data = data.subspan(taken);
  }
  if (!data.empty()) response_.keep_alive = false;  // whose answer these bytes are nobody can tell
  return state_ == State::done;
}

Result<bool> HttpResponseParser::end() {
  if (state_ == State::until_close) state_ = State::done;
  if (state_ == State::done) return true;
  return fail(Cause::malformed, "HTTP response cut off");
}

// Bytes of `data` that belong to the head.
Result<std::size_t> HttpResponseParser::receive_head(ByteView data) {
  const std::size_t before = buffer_.size();
  buffer_.insert(buffer_.end(), data.begin(), data.end());
  PIGEOND_TRY(auto size, http_head_size(buffer_));
  if (!size) return data.size();
  PIGEOND_TRY(auto head, parse_response_head(as_text(ByteView(buffer_).first(*size))));
  buffer_ = Bytes();
  PIGEOND_CHECK(start_body(head));
  if (on_head_ && has_status()) PIGEOND_CHECK(on_head_(response_));
  return *size - before;
}

// RFC 9112 section 6.3, for requests other than HEAD and CONNECT.
Status HttpResponseParser::start_body(const HttpResponseHead& head) {
  if (head.status == 101) return fail(Cause::malformed, "HTTP 101 to a request that asked for no upgrade");
  if (head.status < 200) {  // interim: the real one follows
    if (++interim_ > limits::kInterimResponses)
      return fail(Cause::too_large, "too many interim HTTP responses");
    return {};
  }
  response_.status = head.status;
  response_.headers = head.headers;
  response_.keep_alive = head.minor >= 1 && !header_has_token(head.headers, "Connection", "close");
  if (head.status == 204 || head.status == 304) {
    state_ = State::done;
    return {};
  }
  if (find_header(head.headers, "Transfer-Encoding")) {
    if (!header_has_token(head.headers, "Transfer-Encoding", "chunked")) {
      return fail(Cause::malformed, "HTTP response with an unknown transfer coding");
    }
    if (find_header(head.headers, "Content-Length")) response_.keep_alive = false;  // RFC 9112 section 6.1
    state_ = State::chunk_size;
    return {};
  }
  std::optional<std::uint64_t> length;
  for (const HttpHeader& header : head.headers) {
    if (!equal_ignoring_case(header.name, "Content-Length")) continue;
    auto value = parse_unsigned(header.value);
    if (!value || (length && *length != *value)) return fail(Cause::malformed, "invalid Content-Length");
    length = value;
  }
  left_ = length.value_or(0);
  state_ = !length ? State::until_close : left_ == 0 ? State::done : State::length;
  if (!length) response_.keep_alive = false;
  return {};
}

// Bytes of `data` up to the end of the line, at most.
Result<std::size_t> HttpResponseParser::receive_line(ByteView data) {
  const auto end = std::find(data.begin(), data.end(), std::uint8_t{'\n'});
  const std::size_t size = static_cast<std::size_t>(end - data.begin());
  if (buffer_.size() + size > kMaxLine) return fail(Cause::too_large, "line in a chunked HTTP body too long");
  buffer_.insert(buffer_.end(), data.begin(), end);
  if (end == data.end()) return size;
  if (!buffer_.empty() && buffer_.back() == '\r') buffer_.pop_back();
  const Bytes line = std::exchange(buffer_, {});
  PIGEOND_CHECK(line_complete(as_text(line)));
  return size + 1;
}

Status HttpResponseParser::line_complete(std::string_view line) {
  if (state_ == State::chunk_end) {
    if (!line.empty()) return fail(Cause::malformed, "HTTP chunk longer than announced");
    state_ = State::chunk_size;
  } else if (state_ == State::chunk_size) {
    auto size = parse_chunk_size(line);
    if (!size) return fail(Cause::malformed, "invalid HTTP chunk size");
    left_ = *size;
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
  } else {
    trailer_size_ += line.size() + 2;
    if (trailer_size_ > limits::kHttpHead) return fail(Cause::too_large, "HTTP trailers over 16 KiB");
    if (line.empty()) state_ = State::done;
  }
  return {};
}

Result<std::size_t> HttpResponseParser::receive_body(ByteView data) {
  if (state_ == State::until_close) {
    PIGEOND_CHECK(keep(data));
    return data.size();
  }
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
  PIGEOND_CHECK(keep(data.first(size)));
  left_ -= size;
  if (left_ == 0) state_ = state_ == State::chunk_data ? State::chunk_end : State::done;
  return size;
}

Status HttpResponseParser::keep(ByteView data) {
  if (sink_ && (response_.status == 200 || response_.status == 206)) return sink_(data);
  if (most_body_ == 0) return {};
  const std::size_t room = most_body_ - response_.body.size();
  if (data.size() > room) response_.truncated = true;
  response_.body += as_text(data.first(std::min(data.size(), room)));
  return {};
}

}  // namespace pigeond::net
