// Texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

inline constexpr std::uint32_t kConversation = 1;  // of a Message: the field of a text alone

// UTF-8, not empty, at most limits::kText characters.
Content text_content(std::string_view text);

// What recipients see below a text of a link that stands in it.
struct LinkCard {
  std::string url;  // as it stands in the text; empty: no card
  std::string title, description;
};
Content text_content(std::string_view text, const LinkCard& card);

// Somebody who is named in a text, "@" and the digits, by another address than the text has.
struct Renamed {
  std::string from, to;  // digits
};
std::string with_names(std::string text, const std::vector<Renamed>& renamed);
Content with_names(const Content& content, const std::vector<Renamed>& renamed);  // of other kinds as it was

}  // namespace pigeond::engine
