#include "api/waha/ids.h"

#include <algorithm>
#include <cctype>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kPhoneMin = 5, kPhoneMax = 20;  // digits; E.164 allows 15, old accounts have odd ones

bool is_group_user(std::string_view user) {
  const auto parts = split(user, '-');
  return parts.size() <= 2 &&
         std::ranges::all_of(parts, [](std::string_view part) { return is_digits(part); });
}

bool plausible(const wire::Jid& jid) {
  if (jid.is_pn()) return is_digits(jid.user) && jid.user.size() >= kPhoneMin && jid.user.size() <= kPhoneMax;
  if (jid.is_lid() || jid.is_newsletter()) return is_digits(jid.user) && jid.user.size() <= kPhoneMax;
  if (jid.is_group()) return is_group_user(jid.user) && jid.user.size() <= 40;
  if (jid.is_broadcast()) return jid.is_status() || is_digits(jid.user);
  return false;
}

}  // namespace

std::optional<wire::Jid> parse_chat_id(std::string_view text) {
  auto bare = trim(text);
  if (bare.find('@') == std::string_view::npos) {
    if (bare.starts_with('+')) bare.remove_prefix(1);
    auto jid = wire::pn(std::string(bare));
    return plausible(jid) ? std::optional(std::move(jid)) : std::nullopt;
  }
  auto jid = wire::parse_jid(bare);
  if (!jid) return std::nullopt;
  if (jid->server == wire::server::kLegacyUser) jid->server = wire::server::kUser;
  *jid = jid->without_device();
  return plausible(*jid) ? std::optional(std::move(*jid)) : std::nullopt;
}

std::optional<std::string> parse_phone(std::string_view text) {
  auto jid = parse_chat_id(text);
  return jid && jid->is_pn() ? std::optional(jid->user) : std::nullopt;
}

std::string guess_phone(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (std::string_view(" +-/().").find(c) == std::string_view::npos)
      return {};
  }
  return digits.size() >= kPhoneMin && digits.size() <= kPhoneMax ? digits : std::string();
}

std::string chat_id(const wire::Jid& jid) {
  if (jid.empty()) return {};
  return jid.is_pn() ? jid.user + "@c.us" : jid.without_device().text();
}

std::string chat_id(const wire::Jid& pn, const wire::Jid& lid, const wire::Jid& otherwise) {
  if (!pn.empty()) return chat_id(pn);
  return chat_id(lid.empty() ? otherwise : lid);
}

std::string message_id(bool from_me, const std::string& chat, const std::string& id,
                       const std::string& participant) {
  return (from_me ? "true_" : "false_") + chat + "_" + id + (participant.empty() ? "" : "_" + participant);
}

MessageIdParts split_message_id(std::string_view text) {
  for (const std::string_view from : {"true_", "false_"}) {
    if (!text.starts_with(from)) continue;
    std::string_view rest = text.substr(from.size());
    const auto chat = rest.substr(0, rest.find('_'));
    if (chat.find('@') == std::string_view::npos) break;
    MessageIdParts parts;
    parts.from_me = from == "true_";
    parts.chat = chat;
    if (!parts.from_me) parts.author = chat;
    rest.remove_prefix(std::min(chat.size() + 1, rest.size()));
    const auto last = rest.rfind('_');
    if (last != std::string_view::npos && rest.find('@', last) != std::string_view::npos) {
      if (!parts.from_me) parts.author = rest.substr(last + 1);
      rest = rest.substr(0, last);
    }
    parts.id = rest;
    return parts;
  }
  MessageIdParts parts;
  parts.id = text;
  return parts;
}

std::string bare_message_id(std::string_view text) {
  return split_message_id(text).id;
}

}  // namespace pigeond::api::waha
