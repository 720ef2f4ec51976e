#include "api/json_text.h"

#include <algorithm>

namespace pigeond::api {
namespace {

// RFC 8259, 7: what stands for itself. Beyond ASCII it depends on what follows.
bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

void JsonText::string(std::string_view text) {
  for (const char c : text)
    if (!is_plain(c)) return word(dump(Json(text)));
  separate();
  text_.reserve(text_.size() + text.size() + 2);
  text_ += '"';
  text_ += text;
  text_ += '"';
}

}  // namespace pigeond::api
