#include "gateway/previews/links.h"

#include <algorithm>

#include "base/limits.h"
#include "net/address.h"

namespace pigeond::gateway {
namespace {

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '`';
}

bool is_web(const std::string& url) {
  const auto parsed = net::parse_url(url);
  return parsed && (parsed->scheme == "http" || parsed->scheme == "https");
}

// "(see https://a.example/b_(c))." ends after its own bracket.
std::string_view without_punctuation(std::string_view link) {
  const auto opening = std::ranges::count(link, '(');
  auto closing = std::ranges::count(link, ')');
  while (!link.empty()) {
    const char last = link.back();
    const bool closes = last == ')' && opening < closing;
    if (!closes && std::string_view(".,;:!?'*_~").find(last) == std::string_view::npos) break;
    if (closes) --closing;
    link.remove_suffix(1);
  }
  return link;
}

}  // namespace

std::string first_link(std::string_view text) {
  for (std::size_t at = text.find("http"); at != std::string_view::npos; at = text.find("http", at + 4)) {
    const std::string_view rest = text.substr(at, limits::kWebhookUrl + 1);  // none is longer
    if (!rest.starts_with("http://") && !rest.starts_with("https://")) continue;
    const auto end = std::ranges::find_if(rest, is_blank);
    const std::string link(without_punctuation(rest.substr(0, static_cast<std::size_t>(end - rest.begin()))));
    if (is_web(link)) return link;
  }
  return {};
}

std::string redirected(std::string_view base, std::string_view location) {
  location = location.substr(0, location.find('#'));
  if (location.empty() || std::ranges::any_of(location, is_blank)) return {};
  std::string out;
  const std::size_t scheme = base.find("://");
  if (location.starts_with("http://") || location.starts_with("https://")) {
    out = location;
  } else if (scheme == std::string_view::npos || location.find("://") < location.find_first_of("/?")) {
    return {};
  } else if (location.starts_with("//")) {
    out = std::string(base.substr(0, scheme + 1)) + std::string(location);
  } else {
    const std::size_t path = std::min(base.find_first_of("/?#", scheme + 3), base.size());
    const std::string_view origin = base.substr(0, path);
    const std::string_view folder = base.substr(path, base.find_first_of("?#", path) - path);
    const std::size_t slash = folder.rfind('/');
    if (location.starts_with('/'))
      out = std::string(origin) + std::string(location);
    else
      out = std::string(origin) +
            std::string(slash == std::string_view::npos ? "/" : folder.substr(0, slash + 1)) +
            std::string(location);
  }
  return is_web(out) ? out : std::string();
}

}  // namespace pigeond::gateway
