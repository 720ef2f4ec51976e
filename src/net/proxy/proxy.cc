#include "net/proxy/proxy.h"

#include <algorithm>

#include "net/address.h"
#include "net/http/head.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kSocksText = 255;   // bytes of a user name or password, RFC 1929
constexpr std::size_t kBasicText = 1024;  // bytes; so that a head stays one that proxies take

Error not_a_proxy(const std::string& why) {
  return fail(Cause::bad_input,
              "must be host:port of a proxy for HTTP CONNECT, or socks5://host:port (" + why + ")");
}

Status check_text(const Proxy& proxy, const std::string& text) {
  const bool socks = proxy.kind == Proxy::Kind::socks5;
  if (text.size() > (socks ? kSocksText : kBasicText)) return fail(Cause::bad_input, "is too long");
  const bool plain = std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) == 0x7f;
  });
  if (!plain) return fail(Cause::bad_input, "has control characters");
  return {};
}

// parse_url() fills in the port of a scheme.
bool names_a_port(std::string_view authority) {
  const std::size_t bracket = authority.find(']');
  return authority.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

}  // namespace

std::string Proxy::text() const {
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (kind == Kind::socks5 ? "socks5://" : "") + shown + ":" + std::to_string(port);
}

bool same_way(const ProxyRef& a, const ProxyRef& b) {
  return a == b || (a && b && *a == *b);
}

Result<Proxy> parse_proxy(std::string_view server) {
  Proxy proxy;
  if (const std::size_t end = server.find("://"); end != std::string_view::npos) {
    const std::string_view scheme = server.substr(0, end);
    const auto is = [scheme](std::string_view name) { return equal_ignoring_case(scheme, name); };
    if (is("socks5") || is("socks5h"))
      proxy.kind = Proxy::Kind::socks5;
    else if (!is("http"))
      return not_a_proxy("there is no other scheme");
    server.remove_prefix(end + 3);
  }
  if (server.find('@') != std::string_view::npos)
    return not_a_proxy("user name and password have fields of their own");
  if (!names_a_port(server)) return not_a_proxy("the port is missing");
  const auto url = parse_url("http://" + std::string(server));
  if (!url) return not_a_proxy(url.error().detail);
  if (url->target != "/" || server.find('#') != std::string_view::npos)
    return not_a_proxy("there is no path");
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

Status check_proxy_username(const Proxy& proxy) {
  if (proxy.kind == Proxy::Kind::http && proxy.username.find(':') != std::string::npos)
    return fail(Cause::bad_input, "must not have a colon");
  if (proxy.username.empty() && !proxy.password.empty())
    return fail(Cause::bad_input, "is required with a password");
  return check_text(proxy, proxy.username);
}

Status check_proxy_password(const Proxy& proxy) {
  return check_text(proxy, proxy.password);
}

Error proxy_error(const Proxy& proxy, const std::string& why, int code) {
  return fail(Cause::proxy, "the proxy " + proxy.text() + " " + why, code);
}

}  // namespace pigeond::net
