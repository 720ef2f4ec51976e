// The head of an HTTP/1.1 message (RFC 9112), for the HTTP client and the WebSocket handshakes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::net {

struct HttpHeader {
  std::string name;
  std::string value;
};

// The value of the first header of that name (any case), or nullopt.
std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers, std::string_view name);
// True if one of the comma-separated tokens of any header of that name is `token` (any case).
bool header_has_token(const std::vector<HttpHeader>& headers, std::string_view name, std::string_view token);
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct HttpResponseHead {
  int minor = 1;   // of the version: HTTP/1.0 or HTTP/1.1
  int status = 0;  // 100 to 599
  std::vector<HttpHeader> headers;
};

struct HttpRequestHead {
  std::string method;
  std::string target;
  std::vector<HttpHeader> headers;
};

// Bytes up to and including the empty line, if all of it is there. too_large beyond limits::kHttpHead.
Result<std::optional<std::size_t>> http_head_size(ByteView data);
// `head` as measured by http_head_size(). malformed, saying what.
Result<HttpResponseHead> parse_response_head(std::string_view head);
Result<HttpRequestHead> parse_request_head(std::string_view head);

// Fit to be sent: a name is a token, a value has no control characters. bad_input, naming the header.
Status check_header(const HttpHeader& header);

}  // namespace pigeond::net
