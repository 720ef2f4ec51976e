// Asking for a message that could not be read: retry receipts, at most five a message, with keys from the
// second on.
#pragma once

#include "engine/messages/desk.h"
#include "engine/messages/in/source.h"

namespace pigeond::engine {

// The `error` attribute of a retry receipt.
enum class RetryReason { unknown = 0, no_session = 1, invalid_key_id = 3, invalid_message = 4, bad_mac = 7 };
RetryReason retry_reason(Cause cause);

// Counts and sends. with_keys: the first request carries keys too, because the sender has no session to use
// or named a pre-key that is not here. resend: the `count` of the enc, if it was a resend already.
void ask_again(Desk& desk, const wire::Node& message, const Source& source, RetryReason reason,
               bool with_keys, int resend);

}  // namespace pigeond::engine
