// All groups in which the account is, asked for at once: when nobody has yet, or the service says that
// something was missed.
#pragma once

#include "engine/questions/question.h"

namespace pigeond::engine {

// Rows are brought up to the answer; a group that is not in it the account has left. `again`: also where
// all of them are known. false: nothing had to be asked.
//
// All of it is one unit of work. What bounds that: a stanza's own size, a group's members (kGroupMembers), of
// which rows that are the same already are not written, and LidDirectory::kPairsAtOnce of their pairs of
// addresses, each written once however many groups its owner is in. Whose pair is over that is known by both
// addresses in his groups' rows, and to everybody else from the next message that he writes.
void ask_joined_groups(Desk& desk, bool again, Answered<bool> answered);

}  // namespace pigeond::engine
