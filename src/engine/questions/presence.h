// What this account shows others of what is done at it: that somebody is there, or writes.
#pragma once

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

enum class Shows { online, offline, typing, recording, paused };

// `chat`: of the last three, a person or a group. Nothing of it is answered by the service. Errors:
// those of OwnPresence.
void show_presence(Desk& desk, Shows what, const wire::Jid& chat, const Answered<bool>& answered);

}  // namespace pigeond::engine
