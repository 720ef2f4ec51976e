#include "engine/pairing/passkey_options.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_depth.h"
#include "base/limits.h"
#include "base/text.h"

namespace pigeond::engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongest = 16 * 1024;  // bytes
constexpr std::size_t kChallenge = 1024;     // bytes
constexpr std::size_t kCredentialId = 1023;  // bytes; the standard's limit
constexpr std::size_t kCredentials = 64;
constexpr std::size_t kTransports = 16;
constexpr std::size_t kWord = 256;                          // bytes of a host or another short text
constexpr std::int64_t kLongestTimeout = 24 * 3600 * 1000;  // ms

Error malformed(const char* member) {
  return fail(Cause::malformed, std::string("the passkey's options: ") + member);
}

bool is_binary(const Json& value, std::size_t most) {
  if (!value.is_string()) return false;
  const auto bytes = parse_base64url(value.get_ref<const std::string&>());
  return bytes && !bytes->empty() && bytes->size() <= most;
}

bool is_word(const Json& value) {
  return value.is_string() && !value.get_ref<const std::string&>().empty() &&
         value.get_ref<const std::string&>().size() <= kWord;
}

bool are_words(const Json& value) {
  if (!value.is_array() || value.size() > kTransports) return false;
  for (const auto& each : value)
    if (!is_word(each)) return false;
  return true;
}

Result<Json> read_credential(const Json& in) {
  Json out = Json::object();
  if (!in.is_object() || !in.contains("id") || !is_binary(in["id"], kCredentialId))
    return malformed("a credential without an id");
  out["id"] = in["id"];
  out["type"] = "public-key";
  if (in.contains("type") && in["type"] != "public-key") return malformed("a credential of another type");
  if (!in.contains("transports")) return out;
  if (!are_words(in["transports"])) return malformed("transports");
  out["transports"] = in["transports"];
  return out;
}

}  // namespace

Result<std::string> read_passkey_options(ByteView json) {
  const std::string_view text = as_text(json);
  if (text.size() > kLongest || json_depth(text) > limits::kJsonDepth || !is_valid_utf8(text))
    return malformed("too long, too deep, or no text");
  const Json in = Json::parse(text, nullptr, false);
  if (!in.is_object()) return malformed("no object");
  Json out = Json::object();
  if (!in.contains("challenge") || !is_binary(in["challenge"], kChallenge)) return malformed("challenge");
  out["challenge"] = in["challenge"];
  if (in.contains("timeout")) {
    const Json& timeout = in["timeout"];
    const bool in_range = timeout.is_number_unsigned() && timeout.get<std::uint64_t>() <= kLongestTimeout;
    if (!in_range) return malformed("timeout");
    out["timeout"] = timeout;
  }
  if (in.contains("rpId")) {
    if (!is_word(in["rpId"])) return malformed("rpId");
    out["rpId"] = in["rpId"];
  }
  out["allowCredentials"] = Json::array();
  if (in.contains("allowCredentials")) {
    const Json& list = in["allowCredentials"];
    if (!list.is_array() || list.size() > kCredentials) return malformed("allowCredentials");
    // One that is left out would widen the choice: an empty list is any passkey.
    for (const auto& each : list) {
      PIGEOND_TRY(Json credential, read_credential(each));
      out["allowCredentials"].push_back(std::move(credential));
    }
  }
  if (in.contains("userVerification")) {
    if (!is_word(in["userVerification"])) return malformed("userVerification");
    out["userVerification"] = in["userVerification"];
  }
  if (in.contains("extensions")) {
    if (!in["extensions"].is_object()) return malformed("extensions");
    out["extensions"] = in["extensions"];
  }
  return out.dump();
}

}  // namespace pigeond::engine
