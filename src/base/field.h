// Which part of a request an error is about. Each surface has its own name for it (to, phone, --to, ...) and
// puts that before the error's words.
#pragma once

namespace pigeond {

// The database stores their numbers: a new one is added at the end.
enum class Field {
  none,
  recipient,    // who gets a message
  message_id,   // the caller's own id for it
  answered,     // the message that it answers
  request_key,  // the key under which a request can be repeated
  session_name,
  webhook,         // the URL of one, whose deliveries are meant
  target_webhook,  // the URL of one that shall get what another did not
  phone_number,    // of the account that is to be linked
  target,          // the message that another one is about
  options,         // of a poll, that are chosen
  poll,            // the message in which somebody votes
};

}  // namespace pigeond
