// Which part of a request an error is about. Each surface has its own name for it (chatId, phone, --to, ...)
// and puts that before the error's words.
#pragma once

namespace pigeond {

// The database stores their numbers: a new one is added at the end.
enum class Field {
  none,
  recipient,    // who gets a message
  message_id,   // the caller's own id for it
  answered,     // the message that it answers
  request_key,  // the key under which a request can be repeated
};

}  // namespace pigeond
