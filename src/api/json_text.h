// JSON that is written straight into a text, in the order of the calls, for answers and events: what the DOM
// of json.h costs them is more than all the rest of an event. The caller says where objects and arrays begin
// and end; commas come by themselves. The same bytes as dump() makes of the same values.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "api/json.h"

namespace pigeond::api {

class JsonText {
 public:
  void begin_object() { open('{'); }
  void end_object() { text_ += '}'; }
  void begin_array() { open('['); }
  void end_array() { text_ += ']'; }
  // Of the member whose value comes next.
  void name(std::string_view text) {
    string(text);
    text_ += ':';
  }

  void null() { word("null"); }
  void string(std::string_view text);  // invalid UTF-8 is replaced
  // Texts, flags, numbers, Json; optionals, maps and lists of them.
  template <typename X>
  void value(const X& x) {
    if constexpr (std::is_same_v<X, bool>) {
      word(x ? "true" : "false");
    } else if constexpr (std::is_same_v<X, Json>) {
      word(dump(x));
    } else if constexpr (std::integral<X>) {
      char digits[24];
      word({digits, std::to_chars(digits, digits + sizeof digits, x).ptr});
    } else if constexpr (std::floating_point<X>) {
      word(dump(Json(x)));
    } else if constexpr (std::is_convertible_v<const X&, std::string_view>) {
      string(x);
    } else if constexpr (requires { x.has_value(); }) {
      x ? value(*x) : null();
    } else if constexpr (requires { typename X::mapped_type; }) {
      begin_object();
      for (const auto& [key, mapped] : x) member(key, mapped);
      end_object();
    } else {
      begin_array();
      for (const auto& entry : x) value(entry);
      end_array();
    }
  }
  template <typename X>
  void member(std::string_view called, const X& x) {
    name(called);
    value(x);
  }

  std::string take() { return std::move(text_); }

 private:
  // A value that doesn't begin an object, an array or a member's value follows another.
  void separate() {
    if (text_.empty()) return;
    const char last = text_.back();
    if (last != '{' && last != '[' && last != ':') text_ += ',';
  }
  void open(char bracket) {
    separate();
    text_ += bracket;
  }
  void word(std::string_view text) {
    separate();
    text_ += text;
  }

  std::string text_;
};

}  // namespace pigeond::api
