// How one value of a request is read, checked and described. A codec for values of type X has
//
//   static constexpr Shape kShape;                                                    // what it is in JSON
//   Status read(const Json&, const Rules&, const Path&, X& out) const;                // bad_input names the
//   path Json schema(const Rules&, Components&) const; Json show(const X&) const; // a default, as JSON
//
// Plain<X> is that of texts, numbers, flags and described structs; Format<X> that of texts with a meaning,
// such as a chat's id; Choice<E> that of names for the values of an enum. They serve std::optional<X> and
// std::vector<X> as well (Items).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/json.h"
#include "api/schema/components.h"
#include "base/limits.h"
#include "base/result.h"

namespace pigeond::api::schema {

// Where a value stands, as people are told of it: "config.webhooks[0].url". Lives on the stack of its reader.
class Path {
 public:
  explicit Path(std::string_view name, const Path* parent = nullptr) : parent_(parent), name_(name) {}
  Path(std::size_t index, const Path& parent) : parent_(&parent), index_(index) {}
  std::string text() const;
  // bad_input: "config.webhooks[0].url must be a string".
  Error error(std::string_view why) const;

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
  std::optional<std::size_t> index_;
};

// What a value has to keep to.
struct Rules {
  std::size_t shortest = 0;               // characters of a text
  std::optional<std::size_t> longest;     // the same
  std::optional<std::int64_t> low, high;  // of a number, inclusive
  std::int64_t unit = 1;                  // what a whole number counts: kSecond makes ms of seconds
  std::size_t most = limits::kListLimit;  // items of a list
};

enum class Shape { text, number, flag, list, object, any };

// The values of a JSON number that are exact also where it is read as a double.
inline constexpr std::int64_t kLargestNumber = std::int64_t{1} << 53;

std::size_t count_characters(std::string_view utf8);
Result<std::string> read_text(const Json& json, const Rules& rules, const Path& path);
Result<std::int64_t> read_whole(const Json& json, const Rules& rules, const Path& path, std::int64_t low,
                                std::int64_t high);
Result<double> read_number(const Json& json, const Rules& rules, const Path& path);
Json text_schema(const Rules& rules);
Json whole_schema(const Rules& rules, std::int64_t low);

// A struct with `describe`; see input.h.
template <typename X>
struct Plain;

template <>
struct Plain<std::string> {
  static constexpr Shape kShape = Shape::text;
  Status read(const Json& json, const Rules& rules, const Path& path, std::string& out) const {
    PIGEOND_TRY(out, read_text(json, rules, path));
    return {};
  }
  Json schema(const Rules& rules, Components&) const { return text_schema(rules); }
  Json show(const std::string& value) const { return value; }
};

template <>
struct Plain<bool> {
  static constexpr Shape kShape = Shape::flag;
  Status read(const Json& json, const Rules&, const Path& path, bool& out) const {
    if (!json.is_boolean()) return path.error("must be true or false");
    out = json.get<bool>();
    return {};
  }
  Json schema(const Rules&, Components&) const { return {{"type", "boolean"}}; }
  Json show(bool value) const { return value; }
};

template <typename X>
requires std::is_integral_v<X>
struct Plain<X> {
  static constexpr Shape kShape = Shape::number;
  static constexpr std::int64_t kLow = std::is_unsigned_v<X> ? 0 : -kLargestNumber;
  static constexpr std::int64_t kHigh = sizeof(X) < sizeof(std::int64_t)
                                            ? std::int64_t{std::numeric_limits<std::int32_t>::max()}
                                            : kLargestNumber;
  Status read(const Json& json, const Rules& rules, const Path& path, X& out) const {
    PIGEOND_TRY(const std::int64_t value, read_whole(json, rules, path, kLow, kHigh));
    out = static_cast<X>(value * rules.unit);
    return {};
  }
  Json schema(const Rules& rules, Components&) const { return whole_schema(rules, kLow); }
  Json show(X value) const { return value; }
};

template <>
struct Plain<double> {
  static constexpr Shape kShape = Shape::number;
  Status read(const Json& json, const Rules& rules, const Path& path, double& out) const {
    PIGEOND_TRY(out, read_number(json, rules, path));
    return {};
  }
  Json schema(const Rules& rules, Components&) const;
  Json show(double value) const { return value; }
};

// Whatever somebody else reads: kept as it came.
template <>
struct Plain<Json> {
  static constexpr Shape kShape = Shape::any;
  Status read(const Json& json, const Rules&, const Path&, Json& out) const {
    out = json;
    return {};
  }
  Json schema(const Rules&, Components&) const { return Json::object(); }
  Json show(const Json& value) const { return value; }
};

// A text with a meaning.
template <typename X>
struct Format {
  static constexpr Shape kShape = Shape::text;
  std::string_view rule;     // what it must be, for people: "must be ..." goes on with it
  std::string_view example;  // one that is right
  std::optional<X> (*parse)(std::string_view text);
  // What may have been meant by a text that is wrong; "": nobody knows.
  std::string (*guess)(std::string_view text) = nullptr;

  Status read(const Json& json, const Rules& rules, const Path& path, X& out) const {
    if (!json.is_string()) return path.error("must be a string");
    PIGEOND_TRY(const std::string text, read_text(json, rules, path));
    auto value = parse(text);
    if (!value) {
      const std::string meant = guess != nullptr ? guess(text) : std::string();
      return path.error("must be " + std::string(rule) +
                        (meant.empty() ? "" : "; did you mean " + meant + "?"));
    }
    out = std::move(*value);
    return {};
  }
  Json schema(const Rules& rules, Components&) const {
    Json json = text_schema(rules);
    json["description"] = rule;
    json["examples"] = Json::array({example});
    return json;
  }
  Json show(const X& value) const {
    if constexpr (std::is_same_v<X, std::string>) return value;
    return nullptr;
  }
};

// Names for the values of an enum. `names` outlives it: a constexpr array.
template <typename E>
struct Choice {
  static constexpr Shape kShape = Shape::text;
  std::span<const std::pair<std::string_view, E>> names;

  std::string_view name(E wanted) const {
    for (const auto& [text, value] : names)
      if (value == wanted) return text;
    return {};
  }
  Status read(const Json& json, const Rules&, const Path& path, E& out) const {
    if (json.is_string()) {
      for (const auto& [text, value] : names) {
        if (text != json.get_ref<const std::string&>()) continue;
        out = value;
        return {};
      }
    }
    std::string all;
    for (std::size_t i = 0; i < names.size(); ++i)
      all += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i].first);
    return path.error("must be " + all);
  }
  Json schema(const Rules&, Components&) const {
    Json json = {{"type", "string"}, {"enum", Json::array()}};
    for (const auto& [text, value] : names) json["enum"].push_back(text);
    return json;
  }
  Json show(E value) const { return name(value); }
};

// A list of what `Item` reads.
template <typename Item>
struct Items {
  static constexpr Shape kShape = Shape::list;
  Item item;

  template <typename X>
  Status read(const Json& json, const Rules& rules, const Path& path, std::vector<X>& out) const {
    if (!json.is_array()) return path.error("must be an array");
    if (json.size() > rules.most)
      return path.error("must have at most " + std::to_string(rules.most) + " items");
    out.clear();
    for (std::size_t i = 0; i < json.size(); ++i)
      PIGEOND_CHECK(item.read(json[i], rules, Path(i, path), out.emplace_back()));
    return {};
  }
  Json schema(const Rules& rules, Components& components) const {
    return {{"type", "array"}, {"items", item.schema(rules, components)}, {"maxItems", rules.most}};
  }
  template <typename X>
  Json show(const std::vector<X>& values) const {
    Json json = Json::array();
    for (const auto& value : values) json.push_back(item.show(value));
    return json;
  }
};

}  // namespace pigeond::api::schema
