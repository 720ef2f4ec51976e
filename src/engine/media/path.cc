#include "engine/media/path.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kPath = 2048;  // bytes

}  // namespace

bool is_media_path(std::string_view path) {
  return path.size() > 1 && path.size() <= kPath && path.front() == '/' &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string media_token(ByteView file_sha256) {
  std::string text = base64url(file_sha256);
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

std::string media_target(const std::string& path, ByteView file_sha256, std::string_view type) {
  std::string out = path + (path.find('?') == std::string::npos ? '?' : '&');
  out += "hash=" + percent_encoded(media_token(file_sha256)) + "&mms-type=";
  out.append(type).append("&__wa-mms=");
  return out;
}

}  // namespace pigeond::engine
