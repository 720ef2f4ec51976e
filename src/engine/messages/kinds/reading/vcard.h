// vCards (RFC 2426), as far as contact cards need them: strangers write them, and so do callers.
#pragma once

#include <string>
#include <string_view>

namespace pigeond::engine {

// What a caller says of somebody instead of a card. UTF-8.
struct PersonOnCard {
  std::string name;          // not empty
  std::string organization;  // may be empty
  std::string phone;         // as people write it
  std::string whatsapp;      // digits: with them the recipient may chat from the card; empty: not
};

// A card of that, in which each text is one value, whatever stands in it.
std::string vcard_of(const PersonOnCard& person);

// One card from BEGIN:VCARD to END:VCARD, and nothing but UTF-8.
bool is_vcard(std::string_view card);

// What the card calls its person: FN, else N; "": it does not say. Folded lines and escapes are undone.
std::string name_in_vcard(std::string_view card);

}  // namespace pigeond::engine
