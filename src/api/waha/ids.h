// WAHA's identifiers: chats as 123@c.us, 123@lid, 1-2@g.us; messages as {fromMe}_{chat}_{ID}[_{participant}].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/jid.h"

namespace pigeond::api::waha {

// What callers write for a chat: digits, +digits, …@c.us, …@s.whatsapp.net, …@lid, …@g.us, …@newsletter,
// status@broadcast. A device part is dropped.
std::optional<wire::Jid> parse_chat_id(std::string_view text);

// A phone number for a lookup: digits, with or without + or @c.us. 5 to 20 digits.
std::optional<std::string> parse_phone(std::string_view text);
// The digits of a number as people write it, "+49 (151) 000-0002"; "": it is none.
std::string guess_phone(std::string_view text);

// user@c.us for PNs, else as it is; no device.
std::string chat_id(const wire::Jid& jid);
// The PN form when it is known, else the LID.
std::string chat_id(const wire::Jid& pn, const wire::Jid& lid, const wire::Jid& otherwise);

std::string message_id(bool from_me, const std::string& chat, const std::string& id,
                       const std::string& participant = {});
struct MessageIdParts {
  std::string id;
  bool from_me = false;
  std::string chat;    // empty: the text is a bare id
  std::string author;  // the chat id of who else has sent it; empty: from_me, or the text is a bare id
};
MessageIdParts split_message_id(std::string_view text);
// The bare id: of the long form its part, else the text itself.
std::string bare_message_id(std::string_view text);

}  // namespace pigeond::api::waha
