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

template <auto Has, auto Part>
constexpr Kind media(std::string_view type) {
  return {type, has_part<Has>, show<Part>, context_in<Part>};
}

}  // namespace

const Kind kImage = media<&wa_Message::has_imageMessage, &wa_Message::imageMessage>("image");
const Kind kVideo = media<&wa_Message::has_videoMessage, &wa_Message::videoMessage>("video");
const Kind kVideoNote = media<&wa_Message::has_ptvMessage, &wa_Message::ptvMessage>("video");
const Kind kAudio = media<&wa_Message::has_audioMessage, &wa_Message::audioMessage>("audio");
const Kind kDocument = media<&wa_Message::has_documentMessage, &wa_Message::documentMessage>("document");
const Kind kSticker = media<&wa_Message::has_stickerMessage, &wa_Message::stickerMessage>("sticker");

}  // namespace pigeond::engine
