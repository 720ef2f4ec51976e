// Images, videos, voice notes, documents and stickers, as others send them.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

template <typename Media>
void show_file(const Media& media, Shown& shown) {
  shown.has_media = true;
  shown.mimetype = media.mimetype;
  if constexpr (requires { media.caption; }) shown.body = media.caption;
  if constexpr (requires { media.fileName; }) shown.filename = media.fileName;
}

template <auto Part>
void show(const wa_Message& message, Shown& shown) {
  show_file(message.*Part, shown);
}

// A voice note is told from a file with music, and what plays by itself, again and again, from a film.
void look_of_audio(const wa_Message& message, StanzaLook& look) {
  if (message.audioMessage.ptt) look.media_type = "ptt";
}
void look_of_video(const wa_Message& message, StanzaLook& look) {
  if (message.videoMessage.gifPlayback) look.media_type = "gif";
}

// As whatsmeow's getMediaTypeFromMessage and Baileys' getMediaType name them.
template <auto Has, auto Part>
constexpr Kind media(std::string_view type, std::string_view media_type,
                     void (*look)(const wa_Message&, StanzaLook&) = nullptr) {
  return {.type = type,
          .is = has_part<Has>,
          .show = show<Part>,
          .context = context_in<Part>,
          .stanza_type = "media",
          .media_type = media_type,
          .look = look};
}

}  // namespace

const Kind kImage = media<&wa_Message::has_imageMessage, &wa_Message::imageMessage>("image", "image");
const Kind kVideo =
    media<&wa_Message::has_videoMessage, &wa_Message::videoMessage>("video", "video", look_of_video);
const Kind kVideoNote = media<&wa_Message::has_ptvMessage, &wa_Message::ptvMessage>("video", "ptv");
const Kind kAudio =
    media<&wa_Message::has_audioMessage, &wa_Message::audioMessage>("audio", "audio", look_of_audio);
const Kind kDocument =
    media<&wa_Message::has_documentMessage, &wa_Message::documentMessage>("document", "document");
const Kind kSticker =
    media<&wa_Message::has_stickerMessage, &wa_Message::stickerMessage>("sticker", "sticker");

}  // namespace pigeond::engine
