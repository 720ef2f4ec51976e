// What is meant to be tapped. Phones show lists and buttons of accounts that are no businesses' as long as
// the service lets them, which it does by and by for fewer: nobody can promise them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

struct ListRow {
  std::string id, title, description;
};
struct ListSection {
  std::string title;
  std::vector<ListRow> rows;
};
struct ListMenu {
  std::string title, description, footer;
  std::string button;  // what opens the list
  std::vector<ListSection> sections;
};
Content list_content(const ListMenu& menu);

struct Button {
  enum class Type { reply, url, call, copy };
  Type type = Type::reply;
  std::string text;
  std::string id;     // of reply
  std::string value;  // URL, phone number, or what is copied
};
Content buttons_content(std::string_view header, std::string_view body, std::string_view footer,
                        const std::vector<Button>& buttons);

// That somebody has tapped a button of a message, which this one answers.
Content button_reply_content(std::string_view id, std::string_view text);

}  // namespace pigeond::engine
