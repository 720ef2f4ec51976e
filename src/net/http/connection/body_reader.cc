#include "net/http/connection/body_reader.h"

#include <algorithm>

#include "base/limits.h"

namespace pigeond::net {
namespace {

constexpr unsigned kMaxDigits = 15;  // hexadecimal, of a chunk's size: fits 64 bits

Error refused(const char* why) {
  return fail(Cause::malformed, why, 400);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) {
  return static_cast<unsigned char>(c) >= 0x20 || c == '\t';
}

}  // namespace

HttpBodyReader::HttpBodyReader(std::optional<std::uint64_t> length, std::uint64_t limit)
    : chunked_(!length),
      limit_(limit),
      state_(chunked_ ? State::size : State::data),
      left_(length.value_or(0)) {
  if (length == 0U) state_ = State::complete;
}

Result<ByteView> HttpBodyReader::next(ByteView& in) {
  while (!in.empty() && state_ != State::complete) {
    if (state_ == State::data) {
      if (left_ > limit_ - std::min(received_, limit_))
        return fail(Cause::too_large, "the body is over " + std::to_string(limit_) + " bytes", 413);
      return take(in);
    }
    const char c = static_cast<char>(in.front());
    in = in.subspan(1);
    PIGEOND_CHECK(step(c));
  }
  return ByteView();
}

ByteView HttpBodyReader::take(ByteView& in) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  const auto piece = in.first(count);
  in = in.subspan(count);
  left_ -= count;
  received_ += count;
  if (left_ == 0) state_ = chunked_ ? State::data_end_cr : State::complete;
  return piece;
}

Status HttpBodyReader::step(char c) {
  switch (state_) {
    case State::size:
      if (const int digit = hex_digit(c); digit >= 0) {
        if (++digits_ > kMaxDigits) return fail(Cause::too_large, "a chunk's size is too long", 413);
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        return {};
      }
      if (digits_ == 0) return refused("a chunk has no size");
      if (c == ';') {
        state_ = State::extension;
        return {};
      }
      if (c != '\r') return refused("a chunk's size is not a number");
      state_ = State::size_end;
      return {};
    case State::extension:
      if (c == '\r') {
        state_ = State::size_end;
        return {};
      }
      if (!is_text(c) || ++overhead_ > limits::kHttpTrailers) return refused("a chunk's extension");
      return {};
    case State::size_end:
      if (c != '\n') return refused("a chunk's size does not end with CR LF");
      return end_of_size();
    case State::data_end_cr:
      if (c != '\r') return refused("a chunk does not end where its size says");
      state_ = State::data_end;
      return {};
    case State::data_end:
      if (c != '\n') return refused("a chunk does not end where its size says");
      state_ = State::size;
      return {};
    case State::trailer:
      if (c == '\r') {
        state_ = State::trailer_end;
        return {};
      }
      if (!is_text(c) || ++overhead_ > limits::kHttpTrailers) return refused("trailers");
      empty_line_ = false;
      return {};
    case State::trailer_end:
      if (c != '\n') return refused("a trailer does not end with CR LF");
      state_ = empty_line_ ? State::complete : State::trailer;
      empty_line_ = true;
      return {};
    case State::data:
    case State::complete:
      break;
  }
  return fail(Cause::internal, "chunks", 500);
}

Status HttpBodyReader::end_of_size() {
  digits_ = 0;
  state_ = left_ == 0 ? State::trailer : State::data;
  return {};
}

}  // namespace pigeond::net
