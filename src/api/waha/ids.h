// WAHA's identifiers: chats as 123@c.us, 123@lid, 1-2@g.us; messages as {fromMe}_{chat}_{ID}[_{participant}].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/jid.h"

namespace pigeond::api::waha {

// What callers write for a chat: digits, +digits, …@c.us, …@s.whatsapp.net, …@lid, …@g.us, …@newsletter,
// status@broadcast. A device part is dropped. bad_input's detail starts with `field`.
Result<wire::Jid> parse_chat_id(std::string_view text, std::string_view field);

// A phone number for a lookup: digits, with or without + or @c.us. 5 to 20 digits.
Result<std::string> parse_phone(std::string_view text, std::string_view field);

// user@c.us for PNs, else as it is; no device.
std::string chat_id(const wire::Jid& jid);
// The PN form when it is known, else the LID.
std::string chat_id(const wire::Jid& pn, const wire::Jid& lid, const wire::Jid& otherwise);

std::string message_id(bool from_me, const std::string& chat, const std::string& id,
                       const std::string& participant = {});
// The bare id: of the long form its part, else the text itself.
std::string bare_message_id(std::string_view text);

inline constexpr const char* kSessionNameRule = "must be 1 to 54 characters of a-z, A-Z, 0-9, _ and -";
bool is_session_name(std::string_view name);

}  // namespace pigeond::api::waha
