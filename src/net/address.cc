#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxHost = 253;  // RFC 1035

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "wss" || scheme == "https" ? 443 : 80;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

Status check_host(std::string_view host) {
  if (host.empty()) return fail(Cause::bad_input, "URL without a host");
  if (host.size() > kMaxHost) return fail(Cause::bad_input, "URL with a host that is too long");
  if (!std::all_of(host.begin(), host.end(), is_host_character)) {
    return fail(Cause::bad_input, "URL with characters in its host that no name has");
  }
  if (host.front() == '.' || host.find("..") != std::string_view::npos) {
    return fail(Cause::bad_input, "URL with an empty part in its host");
  }
  return {};
}

Result<std::uint16_t> parse_port(std::string_view text) {
  auto number = text.size() <= 5 ? parse_unsigned(text) : std::nullopt;
  if (!number || *number == 0 || *number > 65535) return fail(Cause::bad_input, "URL with an invalid port");
  return static_cast<std::uint16_t>(*number);
}

// "host", "host:port", "[v6]", "[v6]:port" into `url`.
Status parse_authority(std::string_view text, Url& url) {
  if (text.find('@') != std::string_view::npos) {
    return fail(Cause::bad_input, "URL with a user name or password");
  }
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fail(Cause::bad_input, "URL with an unclosed bracket");
    url.host = lower(text.substr(1, end - 1));
    auto address = parse_ip(url.host, 0);
    if (!address || address->get()->sa_family != AF_INET6) {
      return fail(Cause::bad_input, "URL with an invalid IPv6 address");
    }
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() != ':') return fail(Cause::bad_input, "URL with text after its host");
    has_port = !text.empty();
    if (has_port) port = text.substr(1);
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
    url.host = lower(text.substr(0, colon));
    PIGEOND_CHECK(check_host(url.host));
  }
  if (!has_port) return {};
  PIGEOND_TRY(url.port, parse_port(port));
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl) return fail(Cause::bad_input, "URL longer than 2048 characters");
  auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(text.begin(), text.end(), printable)) {
    return fail(Cause::bad_input, "URL with a space, control or non-ASCII character");
  }
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return fail(Cause::bad_input, "URL without a scheme");
  Url url;
  url.scheme = lower(text.substr(0, scheme_end));
  if (url.scheme != "ws" && url.scheme != "wss" && url.scheme != "http" && url.scheme != "https") {
    return fail(Cause::bad_input, "URL with a scheme other than ws, wss, http or https");
  }
  url.port = default_port(url.scheme);
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  PIGEOND_CHECK(parse_authority(text.substr(0, authority_end), url));
  text.remove_prefix(authority_end);
  if (text.empty() || text.front() != '/') url.target = "/";
  url.target += text;
  return url;
}

std::uint16_t Address::port() const {
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return 0;
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, buffer, sizeof buffer);
    return std::string(buffer) + ":" + std::to_string(port());
  }
  if (storage.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, buffer, sizeof buffer);
    return "[" + std::string(buffer) + "]:" + std::to_string(port());
  }
  return "?";
}

std::optional<Address> parse_ip(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
    return address;
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.size = sizeof v6;
    return address;
  }
  return std::nullopt;
}

}  // namespace pigeond::net
