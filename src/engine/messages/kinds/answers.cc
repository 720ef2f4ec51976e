// What somebody chose of a list or among buttons, and invitations to groups: people read them as texts.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// The first that is not empty.
template <auto Part, auto... Texts>
void show(const wa_Message& message, Shown& shown) {
  for (const std::string* text : {&((message.*Part).*Texts)...}) {
    if (text->empty()) continue;
    shown.body = *text;
    return;
  }
}

// What has a media type is `media` to the service, though people read a text (whatsmeow's
// getMediaTypeFromMessage, Baileys' getMediaType).
template <auto Has, auto Part, auto... Texts>
constexpr Kind text_in(std::string_view media_type = {}) {
  return {.type = "text",
          .is = has_part<Has>,
          .show = show<Part, Texts...>,
          .context = context_in<Part>,
          .stanza_type = media_type.empty() ? "text" : "media",
          .media_type = media_type};
}

}  // namespace

const Kind kListResponse =
    text_in<&wa_Message::has_listResponseMessage, &wa_Message::listResponseMessage,
            &wa_ListResponseMessage::title, &wa_ListResponseMessage::description>("list_response");
const Kind kButtonsResponse =
    text_in<&wa_Message::has_buttonsResponseMessage, &wa_Message::buttonsResponseMessage,
            &wa_ButtonsResponseMessage::selectedDisplayText, &wa_ButtonsResponseMessage::selectedButtonID>(
        "buttons_response");
const Kind kTemplateButtonReply =
    text_in<&wa_Message::has_templateButtonReplyMessage, &wa_Message::templateButtonReplyMessage,
            &wa_TemplateButtonReplyMessage::selectedDisplayText,
            &wa_TemplateButtonReplyMessage::selectedID>();
const Kind kGroupInvite = text_in<&wa_Message::has_groupInviteMessage, &wa_Message::groupInviteMessage,
                                  &wa_GroupInviteMessage::caption, &wa_GroupInviteMessage::groupName>("url");

}  // namespace pigeond::engine
