// Contact cards, as others send them.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

template <auto Part>
void show(const wa_Message& message, Shown& shown) {
  shown.body = (message.*Part).displayName;
}

template <auto Has, auto Part>
constexpr Kind card() {
  return {"contact", has_part<Has>, show<Part>, context_in<Part>};
}

}  // namespace

const Kind kContact = card<&wa_Message::has_contactMessage, &wa_Message::contactMessage>();
const Kind kContacts = card<&wa_Message::has_contactsArrayMessage, &wa_Message::contactsArrayMessage>();

}  // namespace pigeond::engine
