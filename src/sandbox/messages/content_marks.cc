#include "sandbox/messages/content_marks.h"

#include <algorithm>

namespace pigeond::sandbox {
namespace {

// Those of whatsmeow's getMediaTypeFromMessage, Baileys' getMediaType and whatsapp-rust's media_type,
// together.
constexpr std::string_view kMediaTypes[] = {
    "image",        "video",        "gif",           "ptv",
    "audio",        "ptt",          "document",      "sticker",
    "sticker_pack", "vcard",        "contact_array", "location",
    "livelocation", "list",         "list_response", "buttons_response",
    "button",       "order",        "product",       "native_flow_response",
    "url",          "group_history"};

template <typename Look>
void each_enc(const wire::Node& message, const Look& look) {
  message.each("enc", look);
  if (const wire::Node* participants = message.child("participants"))
    participants->each("to", [&](const wire::Node& to) { to.each("enc", look); });
}

}  // namespace

std::optional<WrongMark> wrong_mark(const wire::Node& message) {
  std::optional<WrongMark> wrong;
  const bool business = message.child("biz") != nullptr;
  // zapo: the service refuses (479) what is `media` and has <biz>.
  if (business && !message.is("type", "text"))
    return WrongMark{"biz-on-media", "type is " + message.attr("type") + ", with <biz>"};
  each_enc(message, [&](const wire::Node& enc) {
    const std::string type = enc.attr("mediatype");
    if (type.empty() || wrong) return;
    if (business) wrong = WrongMark{"biz-on-media", "mediatype is " + type + ", with <biz>"};
    if (std::ranges::find(kMediaTypes, type) == std::end(kMediaTypes))
      wrong = WrongMark{"mediatype-unknown", "mediatype is " + type};
  });
  return wrong;
}

}  // namespace pigeond::sandbox
