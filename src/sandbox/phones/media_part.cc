#include "sandbox/phones/media_part.h"

#include <memory>
#include <utility>

namespace pigeond::sandbox {
namespace {

template <typename Part>
MediaPart common(const char* kind, const Part& part) {
  MediaPart out;
  out.kind = kind;
  out.mimetype = part.mimetype;
  out.path = part.directPath;
  out.media_key = part.mediaKey;
  out.sha256 = part.fileSHA256;
  out.enc_sha256 = part.fileEncSHA256;
  out.length = part.fileLength;
  return out;
}

template <typename Part>
MediaPart seen_once(MediaPart out, const Part& part) {
  out.view_once = part.viewOnce;
  return out;
}

MediaPart film(const char* kind, const wa_VideoMessage& part) {
  MediaPart out = seen_once(common(kind, part), part);
  out.caption = part.caption;
  return out;
}

const wa_Message* inner(const wa_Message& message, bool& once) {
  const auto open = [](bool there, const wa_FutureProofMessage& wrapper) {
    return there ? wrapper.message.get() : nullptr;
  };
  for (const wa_Message* each :
       {open(message.has_ephemeralMessage, message.ephemeralMessage),
        open(message.has_documentWithCaptionMessage, message.documentWithCaptionMessage),
        open(message.has_lottieStickerMessage, message.lottieStickerMessage),
        open(message.has_groupMentionedMessage, message.groupMentionedMessage)})
    if (each != nullptr) return each;
  for (const wa_Message* each :
       {open(message.has_viewOnceMessage, message.viewOnceMessage),
        open(message.has_viewOnceMessageV2, message.viewOnceMessageV2),
        open(message.has_viewOnceMessageV2Extension, message.viewOnceMessageV2Extension)})
    if (each != nullptr) {
      once = true;
      return each;
    }
  return nullptr;
}

}  // namespace

std::optional<MediaPart> media_part(const wa_Message& message) {
  bool once = false;
  if (const wa_Message* wrapped = inner(message, once)) {
    auto part = media_part(*wrapped);
    if (part && once) part->view_once = true;
    return part;
  }
  if (message.has_imageMessage) {
    MediaPart out = seen_once(common("image", message.imageMessage), message.imageMessage);
    out.caption = message.imageMessage.caption;
    return out;
  }
  if (message.has_videoMessage)
    return film(message.videoMessage.gifPlayback ? "gif" : "video", message.videoMessage);
  if (message.has_ptvMessage) return film("ptv", message.ptvMessage);
  if (message.has_audioMessage)
    return seen_once(common(message.audioMessage.ptt ? "ptt" : "audio", message.audioMessage),
                     message.audioMessage);
  if (message.has_stickerMessage) return common("sticker", message.stickerMessage);
  if (!message.has_documentMessage) return std::nullopt;
  MediaPart out = common("document", message.documentMessage);
  out.caption = message.documentMessage.caption;
  out.filename = message.documentMessage.fileName;
  return out;
}

}  // namespace pigeond::sandbox
