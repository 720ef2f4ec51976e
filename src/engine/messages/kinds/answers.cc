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

template <auto Has, auto Part, auto... Texts>
constexpr Kind text_in() {
  return {"text", has_part<Has>, show<Part, Texts...>, context_in<Part>};
}

}  // namespace

const Kind kListResponse = text_in<&wa_Message::has_listResponseMessage, &wa_Message::listResponseMessage,
                                   &wa_ListResponseMessage::title, &wa_ListResponseMessage::description>();
const Kind kButtonsResponse =
    text_in<&wa_Message::has_buttonsResponseMessage, &wa_Message::buttonsResponseMessage,
            &wa_ButtonsResponseMessage::selectedDisplayText, &wa_ButtonsResponseMessage::selectedButtonID>();
const Kind kTemplateButtonReply =
    text_in<&wa_Message::has_templateButtonReplyMessage, &wa_Message::templateButtonReplyMessage,
            &wa_TemplateButtonReplyMessage::selectedDisplayText,
            &wa_TemplateButtonReplyMessage::selectedID>();
const Kind kGroupInvite = text_in<&wa_Message::has_groupInviteMessage, &wa_Message::groupInviteMessage,
                                  &wa_GroupInviteMessage::caption, &wa_GroupInviteMessage::groupName>();

}  // namespace pigeond::engine
