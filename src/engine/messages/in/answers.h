// What we answer to stanzas: each message, receipt and notification gets exactly one answer, else it comes
// again.
#pragma once

#include <string>
#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/in/source.h"

namespace pigeond::engine {

// Codes of a refusal; each ends the delivery of that stanza.
enum class Nack {
  none = 0,
  parsing = 487,
  invalid_protobuf = 491,
  missing_message_secret = 495,
  unhandled = 500,
};

// <ack class=TAG>: for messages with our device as `from`, as Baileys and whatsapp-rust send it.
wire::Node ack_of(const Desk& desk, const wire::Node& stanza, Nack nack = Nack::none);

// The receipt that settles a message instead of an ack:
//   peer_msg  between own devices;  sender  of an own other device;  no type: delivered;
//   inactive  delivered to a device that is not available (engine/account/presence.h): the sender's phone
//             shows the second tick for the receipt of the account's phone, and not for this one. Stories
//             don't have it.
// As whatsmeow, Baileys and whatsapp-rust (src/receipt.rs) say it.
wire::Node delivery_receipt(const wire::Node& message, const Source& source, bool available);

// A history notification was taken over: to the own number, besides the ordinary receipt.
wire::Node history_receipt(const Desk& desk, const std::string& id);

// One for each chat and author; ids not empty, newest or oldest first. participant: of a group; else empty.
// shown: else only the account's own other devices learn of it (read-self). played: that they were listened
// to, or looked at.
wire::Node read_receipt(const wire::Jid& chat, const wire::Jid& participant,
                        const std::vector<std::string>& ids, bool shown, std::int64_t unix_seconds,
                        bool played = false);

}  // namespace pigeond::engine
