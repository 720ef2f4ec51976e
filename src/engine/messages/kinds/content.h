// What a message says: a serialised Message. A kind builds it (text.h, ...); on its way out it gets its
// secret, and what it answers and whom it names; what others send is read here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/messages/kinds/shown.h"
#include "wire/proto.h"

namespace pigeond::engine {

// As its kind has built it: the same for the same words.
struct Content {
  Bytes message;
};

// A message as callers name it: by its id, and its author, so far as they know him.
struct MessageRef {
  std::string id;         // empty: no message
  bool from_me = false;   // then the account itself is its author
  wire::Jid author = {};  // user JID; empty: unknown
  wire::Jid chat = {};    // where it is; empty: unknown
};

struct Quote {
  std::string id;
  wire::Jid author;  // user JID
  Bytes content;     // the quoted Message, serialised; its own quote is left out; empty: unknown
};

// Of a chat whose messages disappear.
struct Timer {
  std::uint32_t seconds = 0;  // 0: they stay
  std::int64_t set = 0;       // unix seconds; 0: not told
  bool operator==(const Timer&) const = default;
};

struct Framing {
  std::optional<Quote> quote;
  std::vector<wire::Jid> mentions;
  bool mentions_all = false;  // everybody in the group
  Key32 secret{};             // messageSecret: reporting token, later polls and reactions
  Timer timer;                // of the chat; kinds without a place for it go without
};

// The serialised Message that is stored and sent. unsupported: this kind can't answer or name anybody.
Result<Bytes> framed(const Content& content, const Framing& framing);

// Message{deviceSentMessage{destinationJID, message}, messageContextInfo}: how own other devices get a
// message.
Bytes device_sent(const wire::Jid& destination, ByteView message);

// What businesses' clients send has a <biz> in its stanza, which says so; without it phones show nothing.
enum class Business { no, list, native_flow };

// How a stanza names what it carries.
struct StanzaLook {
  std::string_view type = "text";    // of <message>
  std::string_view media_type = {};  // of <enc>; empty: none
  std::string_view edit = {};        // of <message>: what it does to another one; empty: nothing
  bool hidden = false;               // decrypt-fail="hide" of <enc>: nothing is shown while it can't be read
  std::string_view poll = {}, event = {};  // polltype and event_type of <meta>; empty: none
  Business business = Business::no;
};
StanzaLook look_of(ByteView message);

// Takes wrappers off (ephemeral, view once, edited, ...) until nothing unwraps. Points into `message`.
const wa_Message* innermost(const wa_Message& message);

// Something that a person sees; false for what is said about another message, for protocol messages, key
// distributions and the like, and for what nobody here knows (reading/parts.h).
bool is_visible(const wa_Message& message);
// What is said about another message: an edit, a reaction, a vote.
bool is_about_another(const wa_Message& message);

// The timer that the innermost content names; nullopt: it names none, as one does that is in a chat where
// messages stay, or has no place for it.
std::optional<Timer> timer_of(const wa_Message& message);

// What a person sees of the innermost content; its type is "unknown" where that is of no known kind.
Shown describe(const wa_Message& message);
Shown describe(const Content& content);

}  // namespace pigeond::engine
