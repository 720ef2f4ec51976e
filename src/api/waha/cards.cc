// Cards: contacts, links with a card of one's own, and what is meant to be tapped.
#include <algorithm>

#include "api/waha/ids.h"
#include "api/waha/sending.h"
#include "base/text.h"
#include "engine/messages/kinds/contact.h"
#include "engine/messages/kinds/list.h"
#include "engine/messages/kinds/reading/vcard.h"
#include "engine/messages/kinds/text.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kRows = 10;    // of a list; phones show no more
constexpr std::size_t kButtons = 4;  // of a message
constexpr std::size_t kLabel = 200;  // characters of what is tapped, and of titles
constexpr const char* kPromise =
    " WhatsApp shows them on the phones of fewer and fewer people when an account is no business's on its "
    "own platform: that it was acknowledged does not mean that somebody sees it. A poll or a text with "
    "numbers is seen by all.";

// --- contacts ---

struct Contact {
  std::string vcard;
  std::string full_name, organization, phone;
  std::string whatsapp;
  static constexpr const char* kName = "Contact";
  static void describe(schema::Input<Contact>& is) {
    is("vcard", &Contact::vcard).help("A whole vCard, instead of the fields below; at most 256 KiB.");
    is("fullName", &Contact::full_name).length(1, limits::kCardField);
    is("organization", &Contact::organization).length(0, limits::kCardField);
    is("phoneNumber", &Contact::phone).length(1, limits::kCardField);
    is("whatsappId", &Contact::whatsapp, kPhone)
        .help("With it the recipient can chat from the card. None: what phoneNumber's digits say.");
  }

  Result<engine::ContactCard> card(std::size_t index) const {
    const auto wrong = [index](const char* field, const char* why) {
      return fail(Cause::bad_input,
                  "contacts[" + std::to_string(index) + "]." + std::string(field) + " " + why);
    };
    if (!vcard.empty()) {
      if (vcard.size() > limits::kVcard) return wrong("vcard", "must have at most 256 KiB");
      if (!engine::is_vcard(vcard)) return wrong("vcard", "must be a vCard: BEGIN:VCARD … END:VCARD");
      return engine::ContactCard{engine::name_in_vcard(vcard), vcard};
    }
    if (full_name.empty()) return wrong("fullName", "is required where there is no vcard");
    if (phone.empty()) return wrong("phoneNumber", "is required where there is no vcard");
    if (phone.find_first_not_of("0123456789+-() ./") != std::string::npos ||
        phone.find_first_of("0123456789") == std::string::npos)
      return wrong("phoneNumber", "must be digits, and + - ( ) . / between them");
    engine::PersonOnCard person{full_name, organization, phone, whatsapp};
    if (person.whatsapp.empty()) person.whatsapp = guess_phone(phone);
    return engine::ContactCard{full_name, engine::vcard_of(person)};
  }
};

struct SendContacts : SendFields {
  std::vector<Contact> contacts;
  static constexpr const char* kName = "MessageContactVcardRequest";
  static void describe(schema::Input<SendContacts>& is) {
    describe_to(is);
    is("contacts", &SendContacts::contacts).required().at_most(limits::kContacts);
    describe_rest(is);
  }
  Status check() {
    if (contacts.empty()) return fail(Cause::bad_input, "contacts must not be empty");
    for (std::size_t i = 0; i < contacts.size(); ++i) {
      PIGEOND_TRY(auto card, contacts[i].card(i));
      cards_.push_back(std::move(card));
    }
    return {};
  }
  engine::Content says() const { return engine::contacts_content(cards_); }

 private:
  std::vector<engine::ContactCard> cards_;
};

// --- links ---

struct CustomCard {
  std::string url, title, description;
  static constexpr const char* kName = "LinkPreviewData";
  static void describe(schema::Input<CustomCard>& is) {
    is("url", &CustomCard::url).required().length(1, limits::kWebhookUrl).help("As it stands in the text.");
    is("title", &CustomCard::title).required().length(1, limits::kPlaceName);
    is("description", &CustomCard::description).length(0, limits::kPlaceName);
  }
};

struct SendCustomCard : SendFields {
  std::string text;
  CustomCard preview;
  static constexpr const char* kName = "MessageLinkCustomPreviewRequest";
  static void describe(schema::Input<SendCustomCard>& is) {
    describe_to(is);
    is("text", &SendCustomCard::text).required().length(1, limits::kText);
    is("preview", &SendCustomCard::preview).required().help("Without a picture, so far.");
    describe_rest(is);
  }
  Status check() const {
    if (text.find(preview.url) == std::string::npos)
      return fail(Cause::bad_input, "preview.url must stand in the text");
    return {};
  }
  engine::Content says() const {
    return engine::text_content(text, {preview.url, preview.title, preview.description});
  }
};

struct SendLinkPreview : SendFields {
  std::string url, title;
  static constexpr const char* kName = "MessageLinkPreviewRequest";
  static void describe(schema::Input<SendLinkPreview>& is) {
    describe_to(is);
    is("url", &SendLinkPreview::url).required().length(1, limits::kWebhookUrl);
    is("title", &SendLinkPreview::title).required().length(1, limits::kPlaceName);
    describe_rest(is);
  }
  engine::Content says() const { return engine::text_content(url, {url, title, {}}); }
};

// --- what is tapped ---

struct Row {
  std::string title, id, description;
  static constexpr const char* kName = "Row";
  static void describe(schema::Input<Row>& is) {
    is("title", &Row::title).required().length(1, kLabel);
    is("rowId", &Row::id).required().length(1, kLabel);
    is("description", &Row::description).length(0, kLabel);
  }
};

struct Section {
  std::string title;
  std::vector<Row> rows;
  static constexpr const char* kName = "Section";
  static void describe(schema::Input<Section>& is) {
    is("title", &Section::title).length(0, kLabel);
    is("rows", &Section::rows).required().at_most(kRows);
  }
};

struct ListMessage {
  std::string title, description, footer, button;
  std::vector<Section> sections;
  static constexpr const char* kName = "SendListMessage";
  static void describe(schema::Input<ListMessage>& is) {
    is("title", &ListMessage::title).required().length(1, kLabel);
    is("description", &ListMessage::description).length(0, limits::kPlaceName);
    is("footer", &ListMessage::footer).length(0, kLabel);
    is("button", &ListMessage::button).required().length(1, kLabel).help("What opens the list.");
    is("sections", &ListMessage::sections).required().at_most(kRows);
  }
};

struct SendList : SendFields {
  ListMessage message;
  static constexpr const char* kName = "SendListRequest";
  static void describe(schema::Input<SendList>& is) {
    describe_to(is);
    is("message", &SendList::message).required().help(std::string("At most 10 rows.") + kPromise);
    describe_rest(is);
  }
  Status check() const {
    std::vector<std::string> ids;
    for (const auto& section : message.sections)
      for (const auto& row : section.rows) ids.push_back(row.id);
    if (ids.empty()) return fail(Cause::bad_input, "message.sections must have rows");
    if (ids.size() > kRows) return fail(Cause::bad_input, "message.sections must have at most 10 rows");
    std::ranges::sort(ids);
    if (std::ranges::adjacent_find(ids) != ids.end())
      return fail(Cause::bad_input, "message.sections: each rowId may be used once");
    return {};
  }
  std::string refusal() const {
    return to.is_user() ? "" : "chatId: lists are shown in chats with one person only";
  }
  engine::Content says() const {
    engine::ListMenu menu{message.title, message.description, message.footer, message.button, {}};
    for (const auto& section : message.sections) {
      auto& out = menu.sections.emplace_back();
      out.title = section.title;
      for (const auto& row : section.rows) out.rows.push_back({row.id, row.title, row.description});
    }
    return engine::list_content(menu);
  }
};

using Type = engine::Button::Type;
constexpr std::pair<std::string_view, Type> kTypes[] = {
    {"reply", Type::reply}, {"url", Type::url}, {"call", Type::call}, {"copy", Type::copy}};

struct ButtonFields {
  Type type = Type::reply;
  std::string text, id, url, phone, code;
  static constexpr const char* kName = "Button";
  static void describe(schema::Input<ButtonFields>& is) {
    is("type", &ButtonFields::type, kTypes).required();
    is("text", &ButtonFields::text).required().length(1, kLabel);
    is("id", &ButtonFields::id).length(1, kLabel).help("Of reply; none: the text.");
    is("url", &ButtonFields::url).length(1, limits::kWebhookUrl);
    is("phoneNumber", &ButtonFields::phone).length(1, kLabel);
    is("copyCode", &ButtonFields::code).length(1, kLabel);
  }
};

struct SendButtons : SendFields {
  std::string header, body, footer;
  std::vector<ButtonFields> buttons;
  static constexpr const char* kName = "SendButtonsRequest";
  static void describe(schema::Input<SendButtons>& is) {
    describe_to(is);
    is("header", &SendButtons::header).length(0, kLabel);
    is("body", &SendButtons::body).required().length(1, limits::kText);
    is("footer", &SendButtons::footer).length(0, kLabel);
    is("buttons", &SendButtons::buttons).required().at_most(kButtons).help(std::string("1 to 4.") + kPromise);
    describe_rest(is);
  }
  Status check() {
    if (buttons.empty()) return fail(Cause::bad_input, "buttons must not be empty");
    for (std::size_t i = 0; i < buttons.size(); ++i) {
      const ButtonFields& in = buttons[i];
      engine::Button out{in.type, in.text, in.id.empty() ? in.text : in.id, {}};
      if (in.type == Type::url) out.value = in.url;
      if (in.type == Type::call) out.value = in.phone;
      if (in.type == Type::copy) out.value = in.code;
      const char* name = in.type == Type::url ? "url" : in.type == Type::call ? "phoneNumber" : "copyCode";
      if (in.type != Type::reply && out.value.empty())
        return fail(Cause::bad_input, "buttons[" + std::to_string(i) + "]." + name + " is required");
      made_.push_back(std::move(out));
    }
    return {};
  }
  engine::Content says() const { return engine::buttons_content(header, body, footer, made_); }

 private:
  std::vector<engine::Button> made_;
};

struct SendButtonReply : SendFields {
  std::string text, id;
  static constexpr const char* kName = "MessageButtonReply";
  static void describe(schema::Input<SendButtonReply>& is) {
    describe_to(is);
    is("selectedDisplayText", &SendButtonReply::text).required().length(1, kLabel);
    is("selectedButtonID", &SendButtonReply::id).required().length(1, kLabel);
    is("replyTo", &SendButtonReply::answers, kTarget).help("The message with the button.");
    describe_way(is);
  }
  engine::Content says() const { return engine::button_reply_content(id, text); }
};

}  // namespace

Operations card_operations() {
  return {
      sending<SendContacts>("/api/sendContactVcard", "sendContactVcard", "Sends contacts"),
      sending<SendCustomCard>("/api/send/link-custom-preview", "sendLinkCustomPreview",
                              "Sends a text with a card for a link in it"),
      sending<SendLinkPreview>("/api/sendLinkPreview", "sendLinkPreview", "Sends a link with a title"),
      sending<SendList>("/api/sendList", "sendList", "Sends a list to choose from"),
      sending<SendButtons>("/api/sendButtons", "sendButtons", "Sends buttons to tap"),
      sending<SendButtonReply>("/api/send/buttons/reply", "sendButtonsReply", "Taps a button"),
  };
}

}  // namespace pigeond::api::waha
