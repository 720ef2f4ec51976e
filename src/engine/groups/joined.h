// All groups in which the account is, asked for at once: when nobody has yet, or the service says that
// something was missed.
#pragma once

#include "engine/questions/question.h"

namespace pigeond::engine {

// Rows are brought up to the answer; a group that is not in it the account has left. `again`: also where
// all of them are known. false: nothing had to be asked.
void ask_joined_groups(Desk& desk, bool again, Answered<bool> answered);

}  // namespace pigeond::engine
