// What a message says after an edit.
#pragma once

#include "base/bytes.h"
#include "wire/proto.h"

namespace pigeond::engine {

// `before`: the Message, serialised, as it is stored; empty: that is not known. `now`: what the edit says: a
// text, a caption, a poll's name and more options, an event. Of the message stays what an edit does not say:
// the file of a caption, what it answers, and the secret with which votes and later edits are encrypted.
Bytes amended_content(const Bytes& before, const wa_Message& now);

}  // namespace pigeond::engine
