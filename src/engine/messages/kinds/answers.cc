// What somebody chose of a list or among buttons, and invitations to groups: people read them as texts.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

template <auto Part, auto Text>
void show(const wa_Message& message, Shown& shown) {
  shown.body = (message.*Part).*Text;
}

template <auto Has, auto Part, auto Text>
constexpr Kind text_in() {
  return {"text", has_part<Has>, show<Part, Text>, context_in<Part>};
}

}  // namespace

const Kind kListResponse = text_in<&wa_Message::has_listResponseMessage, &wa_Message::listResponseMessage,
                                   &wa_ListResponseMessage::title>();
const Kind kButtonsResponse =
    text_in<&wa_Message::has_buttonsResponseMessage, &wa_Message::buttonsResponseMessage,
            &wa_ButtonsResponseMessage::selectedDisplayText>();
const Kind kTemplateButtonReply =
    text_in<&wa_Message::has_templateButtonReplyMessage, &wa_Message::templateButtonReplyMessage,
            &wa_TemplateButtonReplyMessage::selectedDisplayText>();
const Kind kGroupInvite = text_in<&wa_Message::has_groupInviteMessage, &wa_Message::groupInviteMessage,
                                  &wa_GroupInviteMessage::caption>();

}  // namespace pigeond::engine
