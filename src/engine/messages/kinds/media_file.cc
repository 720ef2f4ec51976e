// What messages with files say of them.
#include "engine/messages/kinds/media.h"

#include "engine/media/path.h"
#include "engine/messages/kinds/content.h"
#include "wire/media_file.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kHash = 32;       // bytes
constexpr std::size_t kMimetype = 100;  // bytes; what is longer is none
constexpr std::string_view kAnyType = "application/octet-stream";

// Calls `work` with the part of the message that has a file, as its own type, and how its keys and its
// servers' type are called. As whatsmeow's classToMediaType and mediaTypeToMMSType have them: a sticker is an
// image, a voice note and a song are audio.
template <typename Work>
bool with_part(const wa_Message& message, const Work& work) {
  if (message.has_imageMessage) return work(message.imageMessage, "WhatsApp Image Keys", "image"), true;
  if (message.has_videoMessage) return work(message.videoMessage, "WhatsApp Video Keys", "video"), true;
  if (message.has_ptvMessage) return work(message.ptvMessage, "WhatsApp Video Keys", "video"), true;
  if (message.has_audioMessage) return work(message.audioMessage, "WhatsApp Audio Keys", "audio"), true;
  if (message.has_documentMessage)
    return work(message.documentMessage, "WhatsApp Document Keys", "document"), true;
  if (message.has_stickerMessage) return work(message.stickerMessage, "WhatsApp Image Keys", "image"), true;
  return false;
}

// Old messages have no path, and its URL: only what follows the host counts, which a sender could choose.
std::string path_of(const std::string& path, const std::string& url) {
  if (!path.empty()) return path;
  const std::size_t host = url.find("://");
  const std::size_t slash = host == std::string::npos ? host : url.find('/', host + 3);
  return slash == std::string::npos ? std::string() : url.substr(slash);
}

// A type is a word of HTTP's headers where it is shown.
bool is_mimetype(std::string_view text) {
  if (text.empty() || text.size() > kMimetype || text.find('/') == std::string_view::npos) return false;
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

}  // namespace

Result<MediaFile> media_file(ByteView message) {
  PIGEOND_TRY(const auto decoded, wire::proto::decode<wa_Message>(message));
  const wa_Message* inner = innermost(decoded);
  MediaFile out;
  const bool found = inner != nullptr && with_part(*inner, [&](const auto& part, auto keys, auto type) {
                       out.keys = keys;
                       out.type = type;
                       out.path = path_of(part.directPath, part.url);
                       out.media_key = part.mediaKey;
                       out.sha256 = part.fileSHA256;
                       out.enc_sha256 = part.fileEncSHA256;
                       out.length = part.fileLength;
                       out.mimetype = is_mimetype(part.mimetype) ? part.mimetype : std::string(kAnyType);
                       if constexpr (requires { part.fileName; }) out.filename = part.fileName;
                     });
  if (!found) return fail(Cause::not_found, Field::target, "the message has no file");
  const bool whole = is_media_path(out.path) && out.media_key.size() == wire::kMediaKey &&
                     out.sha256.size() == kHash && out.enc_sha256.size() == kHash;
  if (!whole) return fail(Cause::malformed, Field::target, "the message does not say where its file is");
  return out;
}

}  // namespace pigeond::engine
