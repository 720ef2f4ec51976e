#include "net/websocket/websocket.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::net {
namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::size_t kMaxControl = 125;  // bytes of a control frame's payload

bool is_control(std::uint8_t opcode) {
  return (opcode & 0x8) != 0;
}

Error protocol_error(const char* what) {
  return fail(Cause::malformed, std::string("WebSocket: ") + what, close_code::kProtocolError);
}

// RFC 6455 section 7.4 and the registry of section 11.7.
bool may_be_received(int code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

WebSocketCodec::WebSocketCodec(Role role, Random& random, std::size_t max_message)
    : role_(role), random_(random), max_message_(max_message) {}

Result<std::optional<WebSocketCodec::Event>> WebSocketCodec::receive(ByteView& in) {
  delivered_ = Bytes();  // unlike "= {}", this gives the memory back
  while (!closed_) {
    if (!in_payload_) {
      PIGEOND_TRY(in_payload_, read_header(in));
      if (!in_payload_) return std::optional<Event>();
    }
    const bool joined = !is_control(opcode_) && !(fin_ && message_.empty());
    ByteView payload;
    if (role_ == Role::client && !joined && offset_ == 0 && in.size() >= length_) {
      payload =
          in.first(static_cast<std::size_t>(length_));  // as it came: nothing to unmask, nothing to copy
      in = in.subspan(payload.size());
    } else {
      payload = take_payload(in, is_control(opcode_) ? control_ : message_);
      if (length_ != 0) return std::optional<Event>();
    }
    in_payload_ = false;
    header_size_ = 0;
    PIGEOND_TRY(auto event, finish_frame(payload));
    if (event) return event;
  }
  in = {};  // nothing counts after a close frame
  return std::optional<Event>();
}

// True when the header of a frame is complete and good.
Result<bool> WebSocketCodec::read_header(ByteView& in) {
  while (true) {
    std::size_t wanted = 2;
    if (header_size_ >= 2) {
      const std::uint8_t length = header_[1] & 0x7F;
      wanted += length == 127 ? 8 : length == 126 ? 2 : 0;
      if ((header_[1] & kMaskBit) != 0) wanted += 4;
      if (header_size_ == wanted) break;
    }
    const std::size_t count = std::min(wanted - header_size_, in.size());
    std::copy_n(in.begin(), count, header_ + header_size_);
    header_size_ += count;
    in = in.subspan(count);
    if (header_size_ < wanted) return false;
  }
  fin_ = (header_[0] & kFinBit) != 0;
  opcode_ = header_[0] & 0x0F;
  const std::uint8_t short_length = header_[1] & 0x7F;
  const std::size_t long_bytes = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
  length_ = long_bytes == 0 ? short_length : read_be(ByteView(header_ + 2, long_bytes));
  offset_ = 0;
  const bool masked = (header_[1] & kMaskBit) != 0;
  for (std::size_t i = 0; i < 4; ++i) mask_[i] = masked ? header_[2 + long_bytes + i] : std::uint8_t{0};
  if ((long_bytes == 2 && length_ < 126) || (long_bytes == 8 && (length_ < 65536 || (length_ >> 63) != 0))) {
    return protocol_error("length not in its shortest form");
  }
  PIGEOND_CHECK(check_header());
  return true;
}

Status WebSocketCodec::check_header() {
  if ((header_[0] & kReservedBits) != 0) return protocol_error("reserved bit set");
  if (((header_[1] & kMaskBit) != 0) != (role_ == Role::server)) return protocol_error("wrong masking");
  switch (opcode_) {
    case kContinuation:
      if (message_opcode_ == 0) return protocol_error("continuation of nothing");
      break;
    case kText:
    case kBinary:
      if (message_opcode_ != 0) return protocol_error("new message inside another");
      message_opcode_ = opcode_;
      break;
    case kClose:
    case kPing:
    case kPong:
      if (!fin_) return protocol_error("fragmented control frame");
      if (length_ > kMaxControl) return protocol_error("control frame too long");
      return {};
    default:
      return protocol_error("unknown opcode");
  }
  if (length_ > max_message_ - std::min(message_.size(), max_message_)) {
    return fail(Cause::too_large, "WebSocket: message too large", close_code::kTooBig);
  }
  return {};
}

// Moves what is there of the payload into `buffer`, unmasked; all of `buffer` once the frame is complete.
ByteView WebSocketCodec::take_payload(ByteView& in, Bytes& buffer) {
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(length_, in.size()));
  const std::size_t start = buffer.size();
  buffer.insert(buffer.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    buffer[start + i] = static_cast<std::uint8_t>(buffer[start + i] ^ mask_[(offset_ + i) & 3]);
  }
  in = in.subspan(count);
  offset_ += count;
  length_ -= count;
  return buffer;
}

Result<std::optional<WebSocketCodec::Event>> WebSocketCodec::finish_frame(ByteView payload) {
  if (!is_control(opcode_)) {
    if (!fin_) return std::optional<Event>();
    return finish_message(payload);
  }
  if (!control_.empty()) {
    delivered_ = std::exchange(control_, {});
    payload = delivered_;
  }
  if (opcode_ == kClose) return finish_close(payload);
  return std::optional<Event>(Event{opcode_ == kPing ? Event::Kind::ping : Event::Kind::pong, payload, 0});
}

Result<std::optional<WebSocketCodec::Event>> WebSocketCodec::finish_message(ByteView payload) {
  if (!message_.empty()) {
    delivered_ = std::exchange(message_, {});
    payload = delivered_;
  }
  const bool text = std::exchange(message_opcode_, std::uint8_t{0}) == kText;
  if (text && !is_valid_utf8(as_text(payload))) {
    return fail(Cause::malformed, "WebSocket: text is not UTF-8", close_code::kInvalidText);
  }
  return std::optional<Event>(Event{text ? Event::Kind::text : Event::Kind::binary, payload, 0});
}

Result<std::optional<WebSocketCodec::Event>> WebSocketCodec::finish_close(ByteView payload) {
  closed_ = true;
  message_ = Bytes();
  if (payload.empty()) return std::optional<Event>(Event{Event::Kind::close, {}, close_code::kNoStatus});
  const int code = payload.size() < 2 ? 0 : static_cast<int>(read_be(payload.first(2)));
  if (!may_be_received(code)) return protocol_error("invalid close code");
  payload = payload.subspan(2);
  if (!is_valid_utf8(as_text(payload))) {
    return fail(Cause::malformed, "WebSocket: close reason is not UTF-8", close_code::kInvalidText);
  }
  return std::optional<Event>(Event{Event::Kind::close, payload, code});
}

Bytes WebSocketCodec::encode(std::uint8_t opcode, ByteView payload) {
  Bytes out;
  out.reserve(14 + payload.size());
  out.push_back(kFinBit | opcode);
  const std::uint8_t mask_bit = role_ == Role::client ? kMaskBit : std::uint8_t{0};
  if (payload.size() < 126) {
    out.push_back(static_cast<std::uint8_t>(mask_bit | payload.size()));
  } else if (payload.size() < 65536) {
    out.push_back(mask_bit | 126);
    append_be(out, payload.size(), 2);
  } else {
    out.push_back(mask_bit | 127);
    append_be(out, payload.size(), 8);
  }
  if (role_ == Role::server) {
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
  }
  const auto mask = random_.array<4>();
  out.insert(out.end(), mask.begin(), mask.end());
  const auto head = out.size();
  out.resize(head + payload.size());
  for (std::size_t i = 0; i < payload.size(); ++i) out[head + i] = payload[i] ^ mask[i & 3];
  return out;
}

Bytes WebSocketCodec::encode_text(std::string_view text) {
  return encode(kText, as_bytes(text));
}

Bytes WebSocketCodec::encode_binary(ByteView data) {
  return encode(kBinary, data);
}

Bytes WebSocketCodec::encode_ping(ByteView payload) {
  return encode(kPing, payload.first(std::min(payload.size(), kMaxControl)));
}

Bytes WebSocketCodec::encode_pong(ByteView payload) {
  return encode(kPong, payload.first(std::min(payload.size(), kMaxControl)));
}

Bytes WebSocketCodec::encode_close(int code, std::string_view reason) {
  Bytes payload;
  if (code != close_code::kNoStatus) {
    append_be(payload, static_cast<std::uint64_t>(code), 2);
    reason = reason.substr(0, kMaxControl - 2);
    while (!is_valid_utf8(reason)) reason.remove_suffix(1);  // the cut may have split a character
    payload.insert(payload.end(), reason.begin(), reason.end());
  }
  return encode(kClose, payload);
}

}  // namespace pigeond::net
