// What a message says after an edit.
#pragma once

#include "base/bytes.h"
#include "wire/proto.h"

namespace pigeond::engine {

// What an edit may change: everybody may add options to some polls, and only its author the rest of a
// message.
enum class Amends { all, options };

// `before`: the Message, serialised, as it is stored; empty: that is not known. `now`: what the edit says: a
// text, a caption, a poll's name and more options, an event. Of the message stays what an edit does not say:
// the file of a caption, what it answers, and the secret with which votes and later edits are encrypted.
Bytes amended_content(const Bytes& before, const wa_Message& now, Amends amends = Amends::all);

}  // namespace pigeond::engine
