// RFC 6455 without I/O, for clients and servers alike. No extensions: offers of permessage-deflate are not
// taken up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "net/address.h"
#include "net/http/head.h"

namespace pigeond::net {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// The client's opening request, and the key that the answer must prove to have seen.
struct WebSocketRequest {
  std::string key;
  std::string text;
};
Result<WebSocketRequest> websocket_request(const Url& url, const std::vector<HttpHeader>& headers,
                                           Random& random);
// ack_error with the status as its code if the server refused; malformed if its 101 is not a valid one.
Status check_websocket_response(const HttpResponseHead& response, std::string_view key);

// The server's 101 for a valid request; malformed or unsupported for others, with the HTTP status to answer
// as code.
Result<std::string> websocket_response(const HttpRequestHead& request);

namespace close_code {
inline constexpr int kNormal = 1000;
inline constexpr int kGoingAway = 1001;
inline constexpr int kProtocolError = 1002;
inline constexpr int kNoStatus = 1005;  // the close frame had no code; never sent
inline constexpr int kInvalidText = 1007;
inline constexpr int kPolicy = 1008;
inline constexpr int kTooBig = 1009;
inline constexpr int kInternal = 1011;
}  // namespace close_code

// Frames and messages after the handshake.
class WebSocketCodec {
 public:
  enum class Role { client, server };
  struct Event {
    enum class Kind { text, binary, ping, pong, close };
    Kind kind;
    ByteView payload;  // of a close: its reason. Valid until the next call or until the fed bytes go
    int code = 0;      // of a close
  };

  // `random` makes a client's masks. It must outlive the codec.
  WebSocketCodec(Role role, Random& random, std::size_t max_message);

  void set_max_message(std::size_t bytes) { max_message_ = bytes; }  // counts from the next frame on

  // Takes bytes from the front of `in` up to the next event and returns it; nullopt: all of `in` is taken and
  // more is needed. An error ends the connection: its code is what to close with (1002, 1007 or 1009).
  Result<std::optional<Event>> receive(ByteView& in);

  Bytes encode_text(std::string_view text);
  Bytes encode_binary(ByteView data);
  Bytes encode_ping(ByteView payload);  // the first 125 bytes, as of a pong
  Bytes encode_pong(ByteView payload);
  Bytes encode_close(int code,
                     std::string_view reason);  // kNoStatus: empty body; the reason is cut to 123 bytes

  // Memory held for an unfinished message, in bytes; 0 between messages.
  std::size_t held() const { return message_.capacity() + control_.capacity() + delivered_.capacity(); }

 private:
  Bytes encode(std::uint8_t opcode, ByteView payload);
  Result<bool> read_header(ByteView& in);
  Status check_header();
  Result<std::optional<Event>> finish_frame(ByteView payload);
  Result<std::optional<Event>> finish_message(ByteView payload);
  Result<std::optional<Event>> finish_close(ByteView payload);
  ByteView take_payload(ByteView& in, Bytes& buffer);

  Role role_;
  Random& random_;
  std::size_t max_message_;

  std::uint8_t header_[14] = {};
  std::size_t header_size_ = 0;  // bytes of header_ filled; reset by each complete frame
  bool in_payload_ = false;
  bool closed_ = false;
  std::uint8_t opcode_ = 0;  // of the frame
  bool fin_ = false;
  std::uint64_t length_ = 0;  // payload bytes still to come
  std::uint64_t offset_ = 0;  // payload bytes seen, for the mask
  std::uint8_t mask_[4] = {};
  std::uint8_t message_opcode_ = 0;  // 0 between messages
  Bytes message_;
  Bytes control_;
  Bytes delivered_;  // what the last event's payload views
};

}  // namespace pigeond::net
