#include "engine/messages/kinds/list.h"

#include <nlohmann/json.hpp>

#include "engine/messages/kinds/raw_proto.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

// Message
constexpr std::uint32_t kListMessage = 36, kInteractiveMessage = 45;

void append_text(Bytes& out, std::uint32_t number, std::string_view text) {
  if (!text.empty()) append_field(out, number, as_bytes(text));
}

Bytes text_field(std::uint32_t number, std::string_view text) {
  Bytes out;
  append_text(out, number, text);
  return out;
}

// NativeFlowButton{1 name, 2 paramsJSON}, as Baileys' forks and whatsapp-rust write them.
Bytes flow_button(const Button& button) {
  nlohmann::ordered_json params = {{"display_text", button.text}};
  const char* name = "quick_reply";
  switch (button.type) {
    case Button::Type::reply:
      params["id"] = button.id;
      break;
    case Button::Type::url:
      name = "cta_url";
      params["url"] = params["merchant_url"] = button.value;
      break;
    case Button::Type::call:
      name = "cta_call";
      params["phone_number"] = button.value;
      break;
    case Button::Type::copy:
      name = "cta_copy";
      params["copy_code"] = button.value;
      break;
  }
  Bytes out;
  append_text(out, 1, name);
  append_text(out, 2, params.dump());
  return out;
}

}  // namespace

// ListMessage{1 title, 2 description, 3 buttonText, 4 listType, 5 sections, 7 footerText}
Content list_content(const ListMenu& menu) {
  constexpr std::uint32_t kListType = 4, kSingleSelect = 1;
  Bytes list;
  append_text(list, 1, menu.title);
  append_text(list, 2, menu.description);
  append_text(list, 3, menu.button);
  append_varint(list, kListType << 3);
  append_varint(list, kSingleSelect);
  for (const auto& section : menu.sections) {
    Bytes one;
    append_text(one, 1, section.title);
    for (const auto& row : section.rows) {
      Bytes entry;
      append_text(entry, 1, row.title);
      append_text(entry, 2, row.description);
      append_text(entry, 3, row.id);
      append_field(one, 2, entry);
    }
    append_field(list, 5, one);
  }
  append_text(list, 7, menu.footer);
  Content content;
  append_field(content.message, kListMessage, list);
  return content;
}

// InteractiveMessage{1 header{1 title}, 2 body{1 text}, 3 footer{1 text}, 6 nativeFlowMessage{1 buttons}}
Content buttons_content(std::string_view header, std::string_view body, std::string_view footer,
                        const std::vector<Button>& buttons) {
  Bytes interactive, flow;
  if (!header.empty()) append_field(interactive, 1, text_field(1, header));
  append_field(interactive, 2, text_field(1, body));
  if (!footer.empty()) append_field(interactive, 3, text_field(1, footer));
  for (const auto& button : buttons) append_field(flow, 1, flow_button(button));
  append_field(interactive, 6, flow);
  Content content;
  append_field(content.message, kInteractiveMessage, interactive);
  return content;
}

Content button_reply_content(std::string_view id, std::string_view text) {
  wa_Message message{};
  message.has_buttonsResponseMessage = true;
  auto& reply = message.buttonsResponseMessage;
  reply.selectedButtonID = id;
  reply.selectedDisplayText = text;
  reply.has_type = true;
  reply.type = wa_ButtonsResponseMessage_Type_DISPLAY_TEXT;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
