#include "api/operations/operation.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace pigeond::api {
namespace {

using schema::Field;
using schema::Shape;

// A text of a path, a query or a header as the JSON that it stands for. What it can't be stays a text, and
// its reader says what it must be.
Json from_text(const Field& field, const std::string& text) {
  if (field.shape == Shape::flag && (text == "true" || text == "false")) return text == "true";
  if (field.shape == Shape::number) {
    Json number = Json::parse(text, nullptr, false);
    if (number.is_number()) return number;
  }
  return text;
}

// "a,b" and repeated parameters are both lists.
Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const auto& text : texts)
    for (const auto part : split(text, ','))
      if (!part.empty()) list.push_back(part);
  return list;
}

std::vector<std::string> texts_of(const std::multimap<std::string, std::string>& all,
                                  const std::string& name) {
  std::vector<std::string> texts;
  const auto [begin, end] = all.equal_range(name);
  for (auto it = begin; it != end; ++it) texts.push_back(it->second);
  return texts;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// What the request's head has of a field; nullopt: nothing.
std::optional<Json> from_head(const Field& field, unsigned places, const net::HttpRequest& request) {
  if ((places & schema::kPath) != 0) {
    const auto found = request.params.find(field.name);
    if (found != request.params.end()) return from_text(field, found->second);
  }
  std::vector<std::string> texts;
  if ((places & schema::kQuery) != 0) texts = texts_of(request.query, field.name);
  if (texts.empty() && (places & schema::kHeader) != 0) texts = texts_of(request.headers, lower(field.name));
  if (texts.empty()) return std::nullopt;
  return field.shape == Shape::list ? list_of(texts) : from_text(field, texts.front());
}

bool names(const std::string& path, const std::string& field) {
  return path.find("{" + field + "}") != std::string::npos;
}

}  // namespace

Body nothing() {
  return {};
}

Body any_json() {
  return {"application/json", [](schema::Components&) { return Json::object(); }};
}

Body text(std::string type) {
  return {std::move(type), [](schema::Components&) { return Json{{"type", "string"}}; }};
}

Body picture(std::string type) {
  return {std::move(type), nullptr};
}

unsigned places_of(const Operation& operation, const Field& field) {
  if (names(operation.path, field.name)) return schema::kPath;
  if (field.places != 0) return field.places;
  return operation.method == "GET" || operation.method == "DELETE" ? schema::kQuery : schema::kBody;
}

Status read_request(const Operation& operation, const net::HttpRequest& request, void* input) {
  const auto& fields = operation.in->all();
  const bool wants_body = std::ranges::any_of(
      fields, [&](const Field& field) { return (places_of(operation, field) & schema::kBody) != 0; });
  Json body;
  if (wants_body) {
    PIGEOND_TRY(body, parse_object(request.body));
  }
  for (const auto& field : fields) {
    const unsigned places = places_of(operation, field);
    auto value = from_head(field, places, request);
    // An empty parameter is not given, so that the body may say it.
    if (value && field.absent(*value) && (places & schema::kBody) != 0) value.reset();
    if (value) {
      PIGEOND_CHECK(schema::Fields::read_field(field, &*value, nullptr, input));
      continue;
    }
    const auto found = (places & schema::kBody) != 0 ? body.find(field.name) : body.end();
    PIGEOND_CHECK(schema::Fields::read_field(field, found == body.end() ? nullptr : &*found, nullptr, input));
  }
  return {};
}

}  // namespace pigeond::api
