// Texts with a meaning that WAHA's callers send: how they are read into what the gateway works with.
#pragma once

#include <string>

#include "api/schema/codec.h"
#include "base/bytes.h"
#include "engine/messages/kinds/content.h"
#include "wire/jid.h"

namespace pigeond::api::waha {

extern const schema::Format<std::string> kSession;  // a session's name
extern const schema::Format<wire::Jid> kChatId;     // any chat
extern const schema::Format<wire::Jid> kUserId;     // a person's
// Somebody who is named in a text, or everybody.
struct Mention {
  wire::Jid user;  // empty: everybody
  bool operator==(const Mention&) const = default;
};
extern const schema::Format<Mention> kMention;
extern const schema::Format<std::string> kPhone;      // a number, as digits
extern const schema::Format<std::string> kMessageId;  // of a message that is there, as its bare id
// The same with what the long form says of its chat and author.
extern const schema::Format<engine::MessageRef> kTarget;
extern const schema::Format<std::string> kNewMessageId;  // of one that is to be made
extern const schema::Format<std::string> kIdempotencyKey;
// Bytes that are one value, and no list of numbers.
struct Binary {
  Bytes bytes;
  bool operator==(const Binary&) const = default;
};
extern const schema::Format<Binary> kBinary;  // base64url

}  // namespace pigeond::api::waha
