// Calls of others: answered so that the account's own phone rings as it should. pigeond takes none.
//
//   <call from=CALLER id t [offline]><offer call-id call-creator=DEVICE [caller_pn]>...</offer></call>
//
// Each stanza of a call gets an acknowledgement, an offer the receipt that mirrors it as well: an account
// whose companion swallows them leaves its phone at "Connecting..." (whatsmeow #1231; whatsapp-rust's
// wacore/src/stanza/call.rs).
#pragma once

#include "engine/messages/desk.h"
#include "wire/node.h"

namespace pigeond::engine {

void take_call(Desk& desk, const wire::Node& call);  // a stanza of that tag; acknowledges it too

}  // namespace pigeond::engine
