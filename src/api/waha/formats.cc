#include "api/waha/formats.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "api/waha/ids.h"
#include "base/limits.h"
#include "base/text.h"
#include "gateway/session_name.h"

namespace pigeond::api::waha {
namespace {

std::optional<std::string> session(std::string_view text) {
  return gateway::is_session_name(text) ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<wire::Jid> user(std::string_view text) {
  auto jid = parse_chat_id(text);
  return jid && jid->is_user() ? jid : std::nullopt;
}

std::optional<Mention> mention(std::string_view text) {
  if (text == "all") return Mention{};
  auto jid = user(text);
  return jid ? std::optional(Mention{std::move(*jid)}) : std::nullopt;
}

std::optional<std::string> message(std::string_view text) {
  auto id = bare_message_id(text);
  return id.empty() || id.size() > limits::kHttpPath ? std::nullopt : std::optional(std::move(id));
}

std::optional<engine::MessageRef> named_message(std::string_view text) {
  auto parts = split_message_id(text);
  if (!message(text)) return std::nullopt;
  return engine::MessageRef{std::move(parts.id), parts.from_me, user(parts.author).value_or(wire::Jid{}),
                            parse_chat_id(parts.chat).value_or(wire::Jid{})};
}

// An id goes over the wire, and comes back in events and paths: it has no character with a meaning there.
std::optional<std::string> new_message(std::string_view text) {
  auto id = bare_message_id(text);
  const bool plain = std::ranges::all_of(
      id, [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; });
  return plain && !id.empty() && id.size() <= limits::kMessageId ? std::optional(std::move(id))
                                                                 : std::nullopt;
}

std::optional<std::string> idempotency_key(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  return printable && !text.empty() && text.size() <= limits::kIdempotencyKey
             ? std::optional(std::string(text))
             : std::nullopt;
}

std::optional<Binary> binary(std::string_view text) {
  auto bytes = parse_base64url(text);
  return bytes ? std::optional(Binary{std::move(*bytes)}) : std::nullopt;
}

constexpr std::string_view kPhoneRule = "a phone number of 5 to 20 digits, with the country's code";

}  // namespace

const schema::Format<std::string> kSession{"1 to 54 characters of a-z, A-Z, 0-9, _ and -", "default",
                                           session};
const schema::Format<wire::Jid> kChatId{
    "a phone number of 5 to 20 digits, with the country's code, or an id that ends in @c.us, @lid, @g.us, "
    "@newsletter or "
    "@broadcast",
    "491510000002@c.us", parse_chat_id, guess_phone};
const schema::Format<wire::Jid> kUserId{"the chat id of a user", "491510000002@c.us", user, guess_phone};
const schema::Format<Mention> kMention{"the chat id of a user, or all, which is everybody in a group",
                                       "491510000002@c.us", mention, guess_phone};
const schema::Format<std::string> kPhone{kPhoneRule, "491510000002", parse_phone, guess_phone};
const schema::Format<std::string> kMessageId{"the id of a message",
                                             "true_491510000002@c.us_3EB0C431C26A1916E07E", message};
const schema::Format<engine::MessageRef> kTarget{
    "the id of a message", "false_491510000002@c.us_3EB0C431C26A1916E07E", named_message};
const schema::Format<std::string> kNewMessageId{"1 to 64 characters of A-Z, a-z, 0-9, ., _ and -", "order-17",
                                                new_message};
const schema::Format<std::string> kIdempotencyKey{"1 to 255 printable ASCII characters", "order-17",
                                                  idempotency_key};

const schema::Format<Binary> kBinary{"base64url", "U2lnbmVk", binary};

}  // namespace pigeond::api::waha
