// Calls of others. This device takes none, but what it does not answer keeps the account's phone at
// "Connecting…" (whatsmeow #1231): each <call> gets its ack, and the offer the receipt that mirrors it.
// Programs are told that somebody calls, and how it ended, each once:
//
//   <call from id t [offline]>
//     <offer call-id call-creator [caller_pn] [group-jid] [ended]> [<video/>]   it rings, or has
//
//     <offer_notice call-id call-creator media type="group" [ended]>            the same, in a group
//
//     <terminate call-id call-creator [reason]>   accepted_elsewhere: on another device of the account;
//                                                 else it is over
//
//     <accept call-id call-creator>               on another device of the account
//
//     <reject call-id call-creator>               the same
//
//   ended: is_call_ended or terminate_reason, of a call that is over already
//
// The attributes of <call> are the service's; what is inside of it was written by whoever sent it. An offer
// comes again until it was answered, and one that has `offline` is of a call that is over (whatsmeow's
// call.go, whatsapp-rust's wacore/src/stanza/call.rs).
#pragma once

#include "engine/messages/desk.h"
#include "store/account/calls.h"

namespace pigeond::engine {

void take_call(Desk& desk, const wire::Node& call);
// This device has declined it: whatever is heard of it after that is not told.
void call_rejected(Desk& desk, const store::CallRow& call);

}  // namespace pigeond::engine
