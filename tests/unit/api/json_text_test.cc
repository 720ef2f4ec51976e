#include "api/json_text.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/random.h"

namespace pigeond::api {
namespace {

TEST(JsonText, WritesTheBytesThatTheLibraryWrites) {
  JsonText out;
  out.begin_object();
  out.member("flag", true);
  out.member("whole", -9223372036854775807LL - 1);
  out.member("large", 18446744073709551615ULL);
  out.member("number", 38.8937255);
  out.member("text", "plain");
  out.member("nothing", std::optional<int>());
  out.member("something", std::optional<std::string>("x"));
  out.member("map", std::map<std::string, std::string>{{"a", "1"}, {"b", "\n"}});
  out.member("no map", std::map<std::string, int>());
  out.member("list", std::vector<int>{1, 2});
  out.member("json", Json{{"a", {1, nullptr}}});
  out.name("nested");
  out.begin_array();
  out.begin_object();
  out.end_object();
  out.begin_array();
  out.end_array();
  out.null();
  out.string("");
  out.end_array();
  out.end_object();
  const Json same = {{"flag", true},
                     {"whole", -9223372036854775807LL - 1},
                     {"large", 18446744073709551615ULL},
                     {"number", 38.8937255},
                     {"text", "plain"},
                     {"nothing", nullptr},
                     {"something", "x"},
                     {"map", {{"a", "1"}, {"b", "\n"}}},
                     {"no map", Json::object()},
                     {"list", {1, 2}},
                     {"json", {{"a", {1, nullptr}}}},
                     {"nested", Json::array({Json::object(), Json::array(), nullptr, ""})}};
  EXPECT_EQ(out.take(), dump(same));
}

// Whatever strangers write: the signs that JSON escapes, all of ASCII, and what is no UTF-8.
TEST(JsonText, EscapesAndReplacesAsTheLibraryDoes) {
  SeededRandom random(7);
  std::vector<std::string> texts = {
      "\"", "\\", "/", std::string(1, '\0'), "\x7f", "é", "\xff", "a\xc3", "🕊", "[", "{", ":", ","};
  for (int i = 0; i < 1000; ++i) {
    const Bytes bytes = random.bytes(1 + random.bytes(1)[0] % 8);
    texts.emplace_back(bytes.begin(), bytes.end());
  }
  for (const auto& text : texts) {
    JsonText out;
    out.begin_array();
    out.string(text);
    out.string(text);
    out.end_array();
    EXPECT_EQ(out.take(), dump(Json::array({text, text})));
  }
}

}  // namespace
}  // namespace pigeond::api
