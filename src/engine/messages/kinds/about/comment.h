// Comments on a message, in the announcement groups of communities: people read them as answers to it.
#pragma once

#include "base/result.h"
#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// What an encrypted comment holds, as the message that it is. By whatsmeow that is the message, by zapo a
// comment with a message in it. malformed.
Result<Bytes> opened_comment(const wa_MessageKey& target, ByteView plaintext);

}  // namespace pigeond::engine
