#include "sandbox/media/media_target.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::sandbox {
namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size() ? parse_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      out += static_cast<char>(byte->front());
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

MediaTarget read_media_target(const std::string& target) {
  const std::size_t mark = target.find('?');
  return {unescaped(target.substr(0, mark)), mark == std::string::npos ? "" : target.substr(mark + 1)};
}

std::string MediaTarget::parameter(std::string_view name) const {
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = std::string_view(query).substr(at, end - at);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return unescaped(pair.substr(name.size() + 1));
    at = end + 1;
  }
  return {};
}

std::optional<Key32> parse_media_token(std::string_view text) {
  const auto bytes = parse_base64url(text);
  if (!bytes || bytes->size() != std::tuple_size_v<Key32>) return std::nullopt;
  Key32 token;
  std::copy(bytes->begin(), bytes->end(), token.begin());
  return token;
}

}  // namespace pigeond::sandbox
