// HTTP responses (however they are cut), URLs, and the names in a certificate.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/limits.h"
#include "net/address.h"
#include "net/http/client/response.h"
#include "net/tls/certificate_names.h"

namespace {

using namespace pigeond;

std::optional<net::HttpResponse> response(ByteView input, std::size_t step,
                                          std::size_t most_body = limits::kHttpResponseBody) {
  net::HttpResponseParser parser(most_body);
  while (!input.empty()) {
    const ByteView piece = input.first(std::min(step, input.size()));
    input = input.subspan(piece.size());
    auto complete = parser.receive(piece);
    if (!complete) return std::nullopt;
    if (*complete) return parser.take();
  }
  if (!parser.end()) return std::nullopt;
  return parser.take();
}

void check_response(ByteView input, std::size_t step) {
  auto cut = response(input, step);
  auto whole = response(input, input.size());
  if (cut.has_value() != whole.has_value()) std::abort();
  if (!cut) return;
  if (cut->status != whole->status || cut->body != whole->body || cut->truncated != whole->truncated)
    std::abort();
  auto discarded = response(input, step, 0);
  if (!discarded || discarded->status != cut->status || !discarded->body.empty()) std::abort();
  if (cut->status < 200 || cut->status > 599 || cut->body.size() > limits::kHttpResponseBody) std::abort();
}

// A URL that parses comes apart the same way when put together again.
void check_url(std::string_view text) {
  auto url = net::parse_url(text);
  if (!url) return;
  auto again = net::parse_url(url->scheme + "://" + url->authority() + url->target);
  if (!again || again->host != url->host || again->port != url->port || again->target != url->target)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView input(data + 1, size - 1);
  check_response(input, std::size_t{1} + data[0]);
  check_url(as_text(input));
  const std::uint8_t loopback[] = {127, 0, 0, 1};
  (void)net::certificate_has_ip(input, loopback);
  return 0;
}
