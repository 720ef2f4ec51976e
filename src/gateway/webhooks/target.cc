#include "gateway/webhooks/target.h"

#include <optional>

#include "base/text.h"
#include "net/address.h"

namespace pigeond::gateway {
namespace {

// Where user name and password stand: from `begin` up to the '@' at `end`.
struct UserInfo {
  std::size_t begin = 0, end = 0;
};

std::optional<UserInfo> find_user_info(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  const std::size_t begin = scheme + 3;
  const std::size_t authority = std::min(url.find_first_of("/?#", begin), url.size());
  if (authority == begin) return std::nullopt;
  const std::size_t at = url.rfind('@', authority - 1);
  if (at == std::string::npos || at < begin) return std::nullopt;
  return UserInfo{begin, at};
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = parse_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1)
      return fail(Cause::bad_input, "URL with an invalid % in its user name or password");
    out += static_cast<char>((*byte)[0]);
    i += 2;
  }
  return out;
}

}  // namespace

Result<WebhookTarget> webhook_target(const std::string& url) {
  WebhookTarget out;
  out.url = url;
  if (const auto info = find_user_info(url)) {
    const std::string_view text = std::string_view(url).substr(info->begin, info->end - info->begin);
    const std::size_t colon = std::min(text.find(':'), text.size());
    PIGEOND_TRY(std::string user, percent_decoded(text.substr(0, colon)));
    PIGEOND_TRY(const std::string password,
                percent_decoded(colon == text.size() ? std::string_view() : text.substr(colon + 1)));
    if (user.find(':') != std::string::npos)  // RFC 7617 section 2
      return fail(Cause::bad_input, "URL with a colon in its user name");
    user += ":" + password;
    out.authorization = "Basic " + base64(as_bytes(user));
    out.url.erase(info->begin, info->end + 1 - info->begin);
  }
  PIGEOND_TRY(const auto parsed, net::parse_url(out.url));
  if (parsed.scheme != "http" && parsed.scheme != "https")
    return fail(Cause::bad_input, "its scheme is " + parsed.scheme);
  out.host = parsed.authority();
  return out;
}

std::string webhook_host(const std::string& url) {
  const auto target = webhook_target(url);
  return target ? target->host : std::string("?");
}

std::string webhook_shown(const std::string& url) {
  const auto info = find_user_info(url);
  if (!info) return url;
  const std::size_t colon = url.find(':', info->begin);
  if (colon >= info->end) return url;
  return url.substr(0, colon + 1) + "***" + url.substr(info->end);
}

}  // namespace pigeond::gateway
