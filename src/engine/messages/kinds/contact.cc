// Contact cards.
#include "engine/messages/kinds/contact.h"

#include <algorithm>

#include "base/limits.h"
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

void show_one(const wa_Message& message, Shown& shown) {
  shown.body = message.contactMessage.displayName;
  if (!message.contactMessage.vcard.empty()) shown.vcards.push_back(message.contactMessage.vcard);
}

void show_many(const wa_Message& message, Shown& shown) {
  const auto& cards = message.contactsArrayMessage.contacts;
  shown.body = message.contactsArrayMessage.displayName;
  for (std::size_t i = 0; i < std::min(cards.size(), limits::kContacts); ++i) {
    if (!cards[i].vcard.empty()) shown.vcards.push_back(cards[i].vcard);
    if (!message.contactsArrayMessage.displayName.empty()) continue;
    if (!shown.body.empty()) shown.body += ", ";
    shown.body += cards[i].displayName;
  }
}

wa_ContactMessage message_of(const ContactCard& card) {
  wa_ContactMessage out{};
  out.displayName = card.name;
  out.vcard = card.vcard;
  return out;
}

}  // namespace

// Baileys names one in the stanza; of several it says nothing, as whatsmeow's "contact_array".
const Kind kContact{.type = "contact",
                    .is = has_part<&wa_Message::has_contactMessage>,
                    .show = show_one,
                    .context = context_in<&wa_Message::contactMessage>,
                    .stanza_type = "media",
                    .media_type = "vcard"};
const Kind kContacts{.type = "contact",
                     .is = has_part<&wa_Message::has_contactsArrayMessage>,
                     .show = show_many,
                     .context = context_in<&wa_Message::contactsArrayMessage>,
                     .stanza_type = "media",
                     .media_type = "contact_array"};

Content contacts_content(const std::vector<ContactCard>& cards) {
  wa_Message message{};
  if (cards.size() == 1) {
    message.has_contactMessage = true;
    message.contactMessage = message_of(cards.front());
  } else {
    message.has_contactsArrayMessage = true;
    auto& list = message.contactsArrayMessage;
    list.displayName = std::to_string(cards.size()) + " contacts";  // as phones write it
    for (const auto& card : cards) list.contacts.push_back(message_of(card));
  }
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
