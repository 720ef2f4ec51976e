// HTTP's CONNECT (RFC 9110, section 9.3.6):
//
//   CONNECT web.whatsapp.com:443 HTTP/1.1
//   Host: web.whatsapp.com:443
//   Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==      (RFC 7617) where there is a user name
//
//   HTTP/1.1 200 Connection established                   any 2xx
//
// After the empty line of a 2xx comes what the other side says, whatever Content-Length and Transfer-Encoding
// are in its head: "A client MUST ignore any Content-Length or Transfer-Encoding header fields received in a
// successful response to CONNECT".
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "net/http/head.h"
#include "net/proxy/dialog.h"

namespace pigeond::net {
namespace {

constexpr int kAuthenticationRequired = 407;

class HttpConnect final : public ProxyDialog {
 public:
  HttpConnect(const Proxy& proxy, const std::string& host, std::uint16_t port)
      : proxy_(proxy),
        target_((host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
                std::to_string(port)) {}

  Bytes hello() override {
    std::string text = "CONNECT " + target_ + " HTTP/1.1\r\nHost: " + target_ + "\r\n";
    if (!proxy_.username.empty()) {
      const std::string pair = proxy_.username + ":" + proxy_.password;
      text += "Proxy-Authorization: Basic " + base64(as_bytes(pair)) + "\r\n";
    }
    return to_bytes(as_bytes(text + "\r\n"));
  }

  Result<bool> receive(ByteView& in, Bytes&) override {
    for (;;) {
      const std::size_t before = head_.size();
      head_.insert(head_.end(), in.begin(), in.end());
      const auto size = http_head_size(head_);
      if (!size) return proxy_error(proxy_, "answers with a head that is too long");
      if (!*size) {
        in = {};
        return false;
      }
      in = in.subspan(**size - before);
      head_.resize(**size);
      PIGEOND_TRY(const int status, status_of(Bytes(std::exchange(head_, {}))));
      if (status >= 200) return true;
      if (++interim_ > limits::kInterimResponses)
        return proxy_error(proxy_, "answers with nothing but interim responses");
    }
  }

 private:
  Result<int> status_of(const Bytes& head) const {
    const auto answer = parse_response_head(as_text(head));
    if (!answer) return proxy_error(proxy_, "does not answer as an HTTP proxy: " + answer.error().detail);
    const int status = answer->status;
    if (status < 300) return status;
    const std::string number = " (HTTP " + std::to_string(status) + ")";
    if (status != kAuthenticationRequired)
      return proxy_error(proxy_, "refuses a connection to " + target_ + number, status);
    return proxy_error(
        proxy_,
        (proxy_.username.empty() ? "wants a user name and a password" : "refuses the user name or password") +
            number,
        status);
  }

  const Proxy& proxy_;
  const std::string target_;
  Bytes head_;
  std::size_t interim_ = 0;
};

}  // namespace

std::unique_ptr<ProxyDialog> http_connect(const Proxy& proxy, const std::string& host, std::uint16_t port) {
  return std::make_unique<HttpConnect>(proxy, host, port);
}

std::unique_ptr<ProxyDialog> proxy_dialog(const Proxy& proxy, const std::string& host, std::uint16_t port) {
  return proxy.kind == Proxy::Kind::http ? http_connect(proxy, host, port)
                                         : socks5_connect(proxy, host, port);
}

}  // namespace pigeond::net
