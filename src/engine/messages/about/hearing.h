// What is said about a message, by others and by the account itself: read, and done to what is stored of that
// message.
#pragma once

#include <optional>

#include "engine/messages/about/target.h"

namespace pigeond::engine {

struct Heard {
  std::optional<AboutEvent> event;  // none: nobody is told of it, be it that its sender may not say so
  // What is to be done to the stored message, if any.
  std::int64_t row = 0;  // 0: nothing
  std::string type;
  Bytes content;
};

// `by` is the message that says so, without what it shows; `content` is about another one (content.h). Reads
// only.
Heard hear(Desk& desk, const Said& said, MessageEvent by, const wa_Message& content);
// Of a comment that is encrypted once more: the message that it is, or why it can't be read. nullopt: it is
// none.
std::optional<Result<Bytes>> opened_comment(Desk& desk, const Said& said, const wa_Message& content);
// What an edit or a deletion does to the stored message.
void apply(Desk& desk, const Heard& heard);
// The same of an own message, which the service has acknowledged.
void apply_own(Desk& desk, const store::MessageRow& row);

// The type of a row whose message was deleted for everybody; its content is empty.
inline constexpr const char* kRevokedType = "revoked";

}  // namespace pigeond::engine
