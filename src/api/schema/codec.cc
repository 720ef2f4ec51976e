#include "api/schema/codec.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace pigeond::api::schema {

std::string Path::text() const {
  if (index_) return parent_->text() + "[" + std::to_string(*index_) + "]";
  return (parent_ == nullptr ? std::string() : parent_->text() + ".") + std::string(name_);
}

Error Path::error(std::string_view why) const {
  return fail(Cause::bad_input, text() + " " + std::string(why));
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<std::string> read_text(const Json& json, const Rules& rules, const Path& path) {
  if (!json.is_string()) return path.error("must be a string");
  const auto& text = json.get_ref<const std::string&>();
  if (!is_valid_utf8(text)) return path.error("must be UTF-8");
  if (!rules.longest && rules.shortest == 0) return text;
  const auto count = count_characters(text);
  if (count < rules.shortest)
    return path.error(rules.shortest == 1
                          ? "must not be empty"
                          : "must be at least " + std::to_string(rules.shortest) + " characters");
  if (rules.longest && count > *rules.longest)
    return path.error("must be at most " + std::to_string(*rules.longest) + " characters");
  return text;
}

Result<std::int64_t> read_whole(const Json& json, const Rules& rules, const Path& path, std::int64_t low,
                                std::int64_t high) {
  low = rules.low.value_or(low);
  high = rules.high.value_or(high);
  // As a double first: what is too large for 64 bits must not wrap.
  const bool fits = json.is_number_integer() && json.get<double>() >= static_cast<double>(low) &&
                    json.get<double>() <= static_cast<double>(high);
  if (!fits)
    return path.error("must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return json.get<std::int64_t>();
}

Result<double> read_number(const Json& json, const Rules& rules, const Path& path) {
  const double value = json.is_number() ? json.get<double>() : std::nan("");
  const bool fits = std::isfinite(value) && (!rules.low || value >= static_cast<double>(*rules.low)) &&
                    (!rules.high || value <= static_cast<double>(*rules.high));
  if (fits) return value;
  if (!rules.low || !rules.high) return path.error("must be a number");
  return path.error("must be a number from " + std::to_string(*rules.low) + " to " +
                    std::to_string(*rules.high));
}

Json text_schema(const Rules& rules) {
  Json json = {{"type", "string"}};
  if (rules.shortest > 0) json["minLength"] = rules.shortest;
  if (rules.longest) json["maxLength"] = *rules.longest;
  return json;
}

Json whole_schema(const Rules& rules, std::int64_t low) {
  Json json = {{"type", "integer"}};
  if (rules.low || low == 0) json["minimum"] = rules.low.value_or(low);
  if (rules.high) json["maximum"] = *rules.high;
  return json;
}

Json Plain<double>::schema(const Rules& rules, Components&) const {
  Json json = {{"type", "number"}};
  if (rules.low) json["minimum"] = *rules.low;
  if (rules.high) json["maximum"] = *rules.high;
  return json;
}

}  // namespace pigeond::api::schema
