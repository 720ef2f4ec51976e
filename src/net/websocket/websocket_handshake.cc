#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/websocket/websocket.h"

namespace pigeond::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3

bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 6> kReserved = {"Host",
                                                         "Upgrade",
                                                         "Connection",
                                                         "Sec-WebSocket-Key",
                                                         "Sec-WebSocket-Version",
                                                         "Sec-WebSocket-Extensions"};
  return std::any_of(kReserved.begin(), kReserved.end(),
                     [&](std::string_view reserved) { return equal_ignoring_case(name, reserved); });
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  return base64(crypto::sha1({as_bytes(key), as_bytes(kGuid)}));
}

Result<WebSocketRequest> websocket_request(const Url& url, const std::vector<HttpHeader>& headers,
                                           Random& random) {
  WebSocketRequest request;
  request.key = base64(random.array<16>());
  request.text = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                 "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + request.key +
                 "\r\nSec-WebSocket-Version: 13\r\n";
  for (const HttpHeader& header : headers) {
    PIGEOND_CHECK(pigeond::net::check_header(header));
    if (is_reserved(header.name))
      return fail(Cause::bad_input, "header " + header.name + " is not the caller's");
    request.text += header.name + ": " + header.value + "\r\n";
  }
  request.text += "\r\n";
  return request;
}

Status check_websocket_response(const HttpResponseHead& response, std::string_view key) {
  if (response.status != 101) {
    return fail(Cause::ack_error, "WebSocket upgrade refused with HTTP " + std::to_string(response.status),
                response.status);
  }
  if (!header_has_token(response.headers, "Upgrade", "websocket") ||
      !header_has_token(response.headers, "Connection", "upgrade")) {
    return fail(Cause::malformed, "HTTP 101 that is not an upgrade to WebSocket");
  }
  if (find_header(response.headers, "Sec-WebSocket-Accept") !=
      std::optional<std::string_view>(websocket_accept(key))) {
    return fail(Cause::malformed, "Sec-WebSocket-Accept does not answer the key sent");
  }
  if (find_header(response.headers, "Sec-WebSocket-Extensions")) {
    return fail(Cause::malformed, "server uses a WebSocket extension that was not offered");
  }
  return {};
}

Result<std::string> websocket_response(const HttpRequestHead& request) {
  if (request.method != "GET" || !find_header(request.headers, "Host") ||
      !header_has_token(request.headers, "Upgrade", "websocket") ||
      !header_has_token(request.headers, "Connection", "upgrade")) {
    return fail(Cause::malformed, "not a WebSocket upgrade", 400);
  }
  auto key = find_header(request.headers, "Sec-WebSocket-Key");
  auto nonce = key ? parse_base64(*key) : std::nullopt;
  if (!nonce || nonce->size() != 16) return fail(Cause::malformed, "invalid Sec-WebSocket-Key", 400);
  if (find_header(request.headers, "Sec-WebSocket-Version") != std::optional<std::string_view>("13")) {
    return fail(Cause::unsupported, "WebSocket version other than 13", 426);
  }
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         websocket_accept(*key) + "\r\n\r\n";
}

}  // namespace pigeond::net
