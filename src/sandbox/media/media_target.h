// What a request to a media server names: a path, and what is said behind its question mark.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pigeond::sandbox {

struct MediaTarget {
  std::string path;                                    // unescaped
  std::string query;                                   // as it came
  std::string parameter(std::string_view name) const;  // unescaped; empty: it is not there
};
MediaTarget read_media_target(const std::string& target);

// A file's token is its SHA-256 in base64url, with padding (whatsmeow) or without (Baileys, whatsapp-rust).
std::optional<Key32> parse_media_token(std::string_view text);

}  // namespace pigeond::sandbox
