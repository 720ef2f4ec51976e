// What a described struct reads from JSON, and what it says of what is wrong.
#include "api/schema/input.h"

#include <gtest/gtest.h>

namespace pigeond::api::schema {
namespace {

enum class Colour { red, green };
constexpr std::pair<std::string_view, Colour> kColours[] = {{"red", Colour::red}, {"green", Colour::green}};

std::optional<int> even(std::string_view text) {
  if (text == "two") return 2;
  return std::nullopt;
}
std::string guess(std::string_view text) {
  return text == "tow" ? "two" : "";
}
constexpr Format<int> kEven{"an even number in words", "two", even, guess};

struct Inner {
  std::string url;
  static constexpr const char* kName = "Inner";
  static void describe(Input<Inner>& is) { is("url", &Inner::url).required().length(1, 5); }
};

struct Outer {
  std::string text = "as it was";
  bool flag = true;
  std::size_t count = 7;
  std::optional<std::int64_t> since;
  Millis wait = 0;
  double share = 0;
  Colour colour = Colour::red;
  int number = 0;
  std::vector<std::string> names;
  std::vector<Inner> inners;
  std::string emoji = "x";
  Json raw;
  static constexpr const char* kName = "Outer";
  static void describe(Input<Outer>& is) {
    is("text", &Outer::text).length(0, 9);
    is("flag", &Outer::flag);
    is("count", &Outer::count).range(1, 10);
    is("since", &Outer::since).range(1, kLargestNumber).zero_is_absent();
    is("wait", &Outer::wait).range(1, 60).counts(kSecond);
    is("share", &Outer::share).range(0, 1);
    is("colour", &Outer::colour, kColours);
    is("number", &Outer::number, kEven);
    is("names", &Outer::names).at_most(2);
    is("inners", &Outer::inners);
    is("emoji", &Outer::emoji).may_be_empty();
    is("raw", &Outer::raw);
  }
};

Result<Outer> read(const char* json) {
  Outer out;
  PIGEOND_CHECK(fields_of<Outer>().read(Json::parse(json), nullptr, &out));
  return out;
}

std::string error_of(const char* json) {
  const auto out = read(json);
  if (out) return "no error";
  EXPECT_EQ(out.cause(), Cause::bad_input);
  return out.error().detail;
}

TEST(Input, WhatIsNotThereKeepsItsDefault) {
  for (const char* nothing :
       {"{}", R"({"text":null,"flag":null,"count":null,"names":null})",
        R"({"text":"","flag":"","count":"","colour":"","number":"","since":0,"inners":""})"}) {
    const auto out = read(nothing);
    ASSERT_TRUE(out) << nothing;
    EXPECT_EQ(out->text, "as it was");
    EXPECT_TRUE(out->flag);
    EXPECT_EQ(out->count, 7u);
    EXPECT_EQ(out->since, std::nullopt);
  }
}

TEST(Input, ReadsEachKindOfValue) {
  const auto out = read(
      R"({"text":"héllo","flag":false,"count":10,"since":5,"wait":3,"share":0.5,"colour":"green","number":"two",
          "names":["a","b"],"inners":[{"url":"x"},{"url":"y"}],"emoji":"","raw":{"any":[1]},"else":1})");
  ASSERT_TRUE(out);
  EXPECT_EQ(out->text, "héllo");
  EXPECT_FALSE(out->flag);
  EXPECT_EQ(out->count, 10u);
  EXPECT_EQ(out->since, 5);
  EXPECT_EQ(out->wait, 3 * kSecond);
  EXPECT_EQ(out->share, 0.5);
  EXPECT_EQ(out->colour, Colour::green);
  EXPECT_EQ(out->number, 2);
  EXPECT_EQ(out->names, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(out->inners.size(), 2u);
  EXPECT_EQ(out->inners[1].url, "y");
  EXPECT_EQ(out->emoji, "");
  EXPECT_EQ(out->raw.dump(), R"({"any":[1]})");
}

TEST(Input, WhatIsWrongIsNamed) {
  EXPECT_EQ(error_of(R"({"text":1})"), "text must be a string");
  EXPECT_EQ(error_of(R"({"text":"0123456789"})"), "text must be at most 9 characters");
  EXPECT_EQ(error_of("{\"text\":\"ééééééééé\"}"), "no error") << "characters are counted, not bytes";
  EXPECT_EQ(error_of(R"({"flag":"yes"})"), "flag must be true or false");
  EXPECT_EQ(error_of(R"({"count":0})"), "count must be a whole number from 1 to 10");
  EXPECT_EQ(error_of(R"({"count":1.5})"), "count must be a whole number from 1 to 10");
  EXPECT_EQ(error_of(R"({"count":18446744073709551615})"), "count must be a whole number from 1 to 10");
  EXPECT_EQ(error_of(R"({"count":"3"})"), "count must be a whole number from 1 to 10");
  EXPECT_EQ(error_of(R"({"share":2})"), "share must be a number from 0 to 1");
  EXPECT_EQ(error_of(R"({"colour":"blue"})"), "colour must be red or green");
  EXPECT_EQ(error_of(R"({"number":"three"})"), "number must be an even number in words");
  EXPECT_EQ(error_of(R"({"number":"tow"})"), "number must be an even number in words; did you mean two?");
  EXPECT_EQ(error_of(R"({"names":"a"})"), "names must be an array");
  EXPECT_EQ(error_of(R"({"names":["a",2]})"), "names[1] must be a string");
  EXPECT_EQ(error_of(R"({"names":["a","b","c"]})"), "names must have at most 2 items");
  EXPECT_EQ(error_of(R"({"inners":[{"url":"x"},{}]})"), "inners[1].url is required");
  EXPECT_EQ(error_of(R"({"inners":[{"url":""}]})"), "inners[0].url must not be empty");
  EXPECT_EQ(error_of(R"({"inners":[{"url":"123456"}]})"), "inners[0].url must be at most 5 characters");
  EXPECT_EQ(error_of(R"({"inners":[7]})"), "inners[0] must be an object");
}

TEST(Input, TextsThatAreNoUtf8AreRefused) {
  Outer out;
  Json json;
  json["text"] = std::string("\xff");
  const auto read = fields_of<Outer>().read(json, nullptr, &out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().detail, "text must be UTF-8");
}

TEST(Input, ItsSchemaSaysTheSame) {
  Components components;
  EXPECT_EQ(fields_of<Outer>().schema(components).dump(), R"({"$ref":"#/components/schemas/Outer"})");
  const Json all = components.json();
  const Json& properties = all.at("Outer").at("properties");
  EXPECT_EQ(properties.at("text").dump(), R"({"type":"string","maxLength":9,"default":"as it was"})");
  EXPECT_EQ(properties.at("count").dump(), R"({"type":"integer","minimum":1,"maximum":10,"default":7})");
  EXPECT_EQ(properties.at("wait").dump(), R"({"type":"integer","minimum":1,"maximum":60})");
  EXPECT_EQ(properties.at("colour").dump(), R"({"type":"string","enum":["red","green"],"default":"red"})");
  EXPECT_EQ(properties.at("inners").at("items").dump(), R"({"$ref":"#/components/schemas/Inner"})");
  EXPECT_EQ(all.at("Inner").at("required").dump(), R"(["url"])");
}

}  // namespace
}  // namespace pigeond::api::schema
