// The part of a message that is a file, whatever it is wrapped in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/proto.h"

namespace pigeond::sandbox {

struct MediaPart {
  std::string kind;  // image, video, gif, ptv, audio, ptt, document or sticker
  std::string mimetype, path, caption, filename;
  Bytes media_key, sha256, enc_sha256;
  std::uint64_t length = 0;
  bool view_once = false;
};
std::optional<MediaPart> media_part(const wa_Message& message);

}  // namespace pigeond::sandbox
