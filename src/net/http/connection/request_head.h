// The head of a request, as strictly as RFC 9112 allows: what two programs might read differently is refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::net {

// Finds the end of a head in bytes that come in pieces, and looks at each byte once.
class HttpHeadScanner {
 public:
  // `data` is everything since the last head, and grows from call to call. The size of the head with its
  // empty line, and with empty lines before it, once it is there. malformed, with the status as code: 400 for
  // what can not become a head (a line feed without carriage return, a first byte that starts no method), 431
  // over limits::kHttpHead.
  Result<std::optional<std::size_t>> scan(ByteView data);
  bool started() const { return started_; }  // a byte that is not an empty line's was seen

 private:
  std::size_t at_ = 0;
  std::size_t line_ = 0;  // where the current one starts
  bool started_ = false;
};

struct HttpRequestFrame {
  HttpRequest request;
  bool http_1_0 = false;
  bool keep_alive = true;  // HTTP/1.1 without `Connection: close`
  bool expects_continue = false;
};

// `head` as measured by the scanner. malformed, saying what, with the status to answer as code: 400, 414,
// 417, 431 (over limits::kHttpHeaders fields, or one over limits::kHttpHeader bytes), 501 (a method or
// transfer coding that is not served) or 505. After any of them nothing that follows can be trusted.
Result<HttpRequestFrame> parse_http_request(std::string_view head);

}  // namespace pigeond::net
