// The WebSocket codec in both roles, and both sides of the handshake. However the input is cut, the events
// are the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "net/websocket/websocket.h"

namespace {

using namespace pigeond;
using net::WebSocketCodec;

constexpr std::size_t kLimit = 70'000;

std::vector<std::string> events(WebSocketCodec::Role role, ByteView input, std::size_t step) {
  SeededRandom random(1);
  WebSocketCodec codec(role, random, kLimit);
  std::vector<std::string> out;
  while (!input.empty()) {
    ByteView piece = input.first(std::min(step, input.size()));
    input = input.subspan(piece.size());
    while (true) {
      auto event = codec.receive(piece);
      if (!event) {
        const int code = event.error().code;
        if (code != 1002 && code != 1007 && code != 1009) std::abort();
        out.push_back("error " + std::to_string(code));
        return out;
      }
      if (!*event) {
        if (!piece.empty()) std::abort();
        break;
      }
      if ((*event)->payload.size() > kLimit) std::abort();
      const bool text = (*event)->kind == WebSocketCodec::Event::Kind::text;
      if (text && !is_valid_utf8(as_text((*event)->payload))) std::abort();
      out.push_back(std::to_string(static_cast<int>((*event)->kind)) + " " + std::to_string((*event)->code) +
                    " " + std::string(as_text((*event)->payload)));
    }
    if (codec.held() > 4 * kLimit) std::abort();
  }
  return out;
}

// What one role encodes, the other decodes as it was.
void round_trip(ByteView payload) {
  SeededRandom random(payload.size());
  WebSocketCodec client(WebSocketCodec::Role::client, random, kLimit);
  WebSocketCodec server(WebSocketCodec::Role::server, random, kLimit);
  for (auto [from, to] : {std::pair(&client, &server), std::pair(&server, &client)}) {
    const Bytes frame = from->encode_binary(payload);
    ByteView in = frame;
    auto event = to->receive(in);
    if (!event || !*event || to_bytes((*event)->payload) != to_bytes(payload)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > kLimit) return 0;
  const std::size_t step = std::size_t{1} + data[0];
  const ByteView input(data + 1, size - 1);
  for (auto role : {WebSocketCodec::Role::client, WebSocketCodec::Role::server}) {
    if (events(role, input, step) != events(role, input, input.size())) std::abort();
  }
  round_trip(input);
  if (auto request = net::parse_request_head(as_text(input))) (void)net::websocket_response(*request);
  if (auto response = net::parse_response_head(as_text(input)))
    (void)net::check_websocket_response(*response, "key");
  return 0;
}
