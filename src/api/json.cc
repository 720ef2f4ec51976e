#include "api/json.h"

#include "base/json_depth.h"
#include "base/limits.h"

namespace pigeond::api {
namespace {

// Finds where parsing stops without building anything, so that the message can say where and not repeat the
// input.
struct PositionFinder : nlohmann::json_sax<Json> {
  std::size_t position = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    position = at;
    return false;
  }
};

}  // namespace

Result<Json> parse_object(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
  if (json_depth(text) > limits::kJsonDepth) return fail(Cause::bad_input, "body: JSON nested too deep");
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    PositionFinder finder;
    Json::sax_parse(text, &finder);
    return fail(Cause::bad_input, "body: malformed JSON near byte " + std::to_string(finder.position));
  }
  if (!json.is_object()) return fail(Cause::bad_input, "body: must be a JSON object");
  return json;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pigeond::api
