// What is in a Message: built for texts we send, read for what others send.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "engine/effects.h"
#include "wire/proto.h"

namespace pigeond::engine {

struct Quote {
  std::string id;
  wire::Jid author;  // user JID
  Bytes content;     // the quoted Message, serialised; its own quote is left out
};

struct TextContent {
  std::string text;
  std::optional<Quote> quote;
  std::vector<wire::Jid> mentions;
  Key32 secret{};  // messageSecret: reporting token, later polls and reactions
};

// A serialised Message: `conversation`, or `extendedTextMessage` where there is a quote or a mention.
Bytes encode_text(const TextContent& text);

// Message{deviceSentMessage{destinationJID, message}, messageContextInfo}: how own other devices get a
// message.
Bytes device_sent(const wire::Jid& destination, ByteView message);

// Takes wrappers off (ephemeral, view once, edited, ...) until nothing unwraps. Points into `message`.
const wa_Message* innermost(const wa_Message& message);

// Something that a person sees; false for protocol messages, key distributions and the like.
bool is_visible(const wa_Message& message);

// Fills type, body, has_media, mimetype, filename, mentions and quoted from the innermost content.
void describe(const wa_Message& message, MessageEvent& event);

}  // namespace pigeond::engine
