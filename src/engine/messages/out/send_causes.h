// What a message of ours can fail with: whose matter it is, and what may heal it. The one table that knows.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pigeond::engine {

// Who is affected: the smallest thing that has to change before the next send can succeed.
enum class Scope { message, chat, link, session, account };
std::string_view scope_name(Scope scope);

enum class Remedy {
  none,           // nothing that a program may do: the message ends with its cause
  renew_chat,     // ask anew for the recipient's devices, address and keys; send once more, encrypted anew
  present_token,  // a privacy token that was not presented, or the other form of address; once
  wait,           // send again later, with growing delays
  back_off,       // nothing of this account leaves for a time
  reconnect,      // another link, then the same bytes
  restart,        // another login
};
std::string_view remedy_name(Remedy remedy);

// What it says about the session that the remedy did not help.
enum class Suspicion {
  none,           // nothing: the message, the recipient or the account is what it is
  several_chats,  // something, once it happens in several chats with no success between
  one_chat,       // something already with one chat, unless others succeed
};

struct SendCause {
  int code;  // on <ack class="message" error=>; 0: not the service's word
  Cause cause;
  Scope scope;
  Remedy remedy;
  Suspicion suspicion;
  std::string_view text;  // for people; not a whole sentence
};

const SendCause& send_cause_of(int code);     // unknown numbers too; of several causes the likeliest
const SendCause& send_cause_of(Cause cause);  // causes that end no send are like an unknown number
const SendCause& send_cause_of(const Error& error);

// The error that an ack with `code` stands for.
Error refused_with(int code);
// The error of a message whose ack never came.
Error unacknowledged();
// The error that was stored as its cause's name and the service's number.
Error trouble_named(std::string_view cause, int code);

}  // namespace pigeond::engine
