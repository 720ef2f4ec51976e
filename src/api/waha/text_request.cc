#include "api/waha/text_request.h"

#include <algorithm>
#include <cctype>

#include "api/json.h"
#include "api/waha/ids.h"
#include "base/limits.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

std::size_t count_characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

std::string read_text(Fields& fields) {
  auto text = fields.required_text("text");
  if (!is_valid_utf8(text)) fields.reject("text", "must be UTF-8");
  if (count_characters(text) > limits::kText)
    fields.reject("text", "must be at most " + std::to_string(limits::kText) + " characters");
  return text;
}

// An id goes over the wire, and comes back in events and paths: it has no character with a meaning there.
std::string read_id(Fields& fields) {
  const auto id = bare_message_id(fields.text("id"));
  const bool plain = std::ranges::all_of(
      id, [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; });
  if (!plain || id.size() > limits::kMessageId || (id.empty() && fields.has("id")))
    fields.reject("id", "must be 1 to " + std::to_string(limits::kMessageId) +
                            " characters of A-Z, a-z, 0-9, ., _ and -");
  return id;
}

std::vector<wire::Jid> read_mentions(Fields& fields) {
  std::vector<wire::Jid> mentions;
  const auto texts = fields.texts("mentions");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto jid = parse_chat_id(texts[i], "");
    if (!jid || !jid->is_user())
      fields.reject("mentions[" + std::to_string(i) + "]", "must be the chat id of a user");
    else
      mentions.push_back(*jid);
  }
  return mentions;
}

Result<gateway::TextRequest> read_request(const Json& body) {
  Fields fields(body);
  gateway::TextRequest request;
  request.session = fields.text("session");
  if (request.session.empty()) request.session = "default";
  if (!is_session_name(request.session)) fields.reject("session", kSessionNameRule);
  const auto chat = fields.required_text("chatId");
  PIGEOND_CHECK(fields.status());
  PIGEOND_TRY(request.to, parse_chat_id(chat, "chatId"));
  request.text = read_text(fields);
  const auto reply_to = fields.text("reply_to");
  request.reply_to = bare_message_id(reply_to);
  if (!reply_to.empty() && request.reply_to.empty()) fields.reject("reply_to", "must be the id of a message");
  request.id = read_id(fields);
  request.mentions = read_mentions(fields);
  request.expires_in = fields.number("expiresIn", 1, limits::kExpiry, 0) * kSecond;
  request.async = fields.boolean("async", false);
  request.queue = fields.boolean("queue", false);
  PIGEOND_CHECK(fields.status());
  return request;
}

// Parameters and header say how the call is made, the body says what is sent; `async` may stand in either.
Status read_manner(const net::HttpRequest& http, gateway::TextRequest& request) {
  const auto async = http.parameter("async");
  if (!async.empty() && async != "true" && async != "false")
    return fail(Cause::bad_input, "async must be true or false");
  if (!async.empty()) request.async = async == "true";
  request.idempotency_key = http.header("idempotency-key");
  const bool printable =
      std::ranges::all_of(request.idempotency_key, [](char c) { return c >= ' ' && c <= '~'; });
  if (http.headers.contains("idempotency-key") && (!printable || request.idempotency_key.empty() ||
                                                   request.idempotency_key.size() > limits::kIdempotencyKey))
    return fail(Cause::bad_input, "Idempotency-Key must be 1 to " + std::to_string(limits::kIdempotencyKey) +
                                      " printable ASCII characters");
  return {};
}

}  // namespace

Result<gateway::TextRequest> parse_text_request(const net::HttpRequest& http) {
  PIGEOND_TRY(const Json body, parse_object(http.body));
  PIGEOND_TRY(auto request, read_request(body));
  PIGEOND_CHECK(read_manner(http, request));
  return request;
}

}  // namespace pigeond::api::waha
