// What a proxy answers, by CONNECT and by SOCKS5, however it is cut; and what a proxy is called.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/limits.h"
#include "net/proxy/dialog.h"

namespace {

using namespace pigeond;

struct Outcome {
  bool failed = false, done = false;
  Bytes said, rest;
  bool operator==(const Outcome&) const = default;
};

Outcome talk(const net::Proxy& proxy, ByteView input, std::size_t step) {
  const auto dialog = net::proxy_dialog(proxy, "web.whatsapp.com", 443);
  Outcome out;
  out.said = dialog->hello();
  while (!input.empty() && !out.done) {
    ByteView piece = input.first(std::min(step, input.size()));
    input = input.subspan(piece.size());
    Bytes say;
    const auto done = dialog->receive(piece, say);
    out.said.insert(out.said.end(), say.begin(), say.end());
    if (!done) {
      if (done.cause() != Cause::proxy || done.error().detail.find("secret") != std::string::npos)
        std::abort();
      return {true, false, {}, {}};
    }
    if (!*done && !piece.empty()) std::abort();
    out.done = *done;
    out.rest = to_bytes(piece);
  }
  if (out.done) out.rest.insert(out.rest.end(), input.begin(), input.end());
  // Greeting, credentials and request, or one head.
  if (out.said.size() > 1024) std::abort();
  return out;
}

void check_dialogs(ByteView input, std::size_t step) {
  for (const auto kind : {net::Proxy::Kind::http, net::Proxy::Kind::socks5}) {
    for (const bool with_password : {false, true}) {
      net::Proxy proxy{kind, "proxy.example", 1080, with_password ? "user" : "",
                       with_password ? "secret" : ""};
      // An answer that is too long may be so in a piece, and not as a whole.
      if (input.size() <= limits::kHttpHead &&
          !(talk(proxy, input, step) == talk(proxy, input, input.size())))
        std::abort();
    }
  }
}

// A name that is read comes apart the same way when it is shown.
void check_name(std::string_view text) {
  const auto proxy = net::parse_proxy(text);
  if (!proxy) return;
  const auto again = net::parse_proxy(proxy->text());
  if (!again || !(*again == *proxy) || proxy->port == 0 || proxy->host.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView input(data + 1, size - 1);
  check_dialogs(input, std::size_t{1} + data[0]);
  check_name(as_text(input));
  return 0;
}
