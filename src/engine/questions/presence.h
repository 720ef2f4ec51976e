// What this account shows others of what is done at it, that somebody is there, or writes; and what others
// show.
#pragma once

#include <vector>

#include "engine/account/watches.h"
#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

enum class Shows { online, offline, typing, recording, paused };

// `chat`: of the last three, a person or a group. Nothing of it is answered by the service. Errors:
// those of OwnPresence.
void show_presence(Desk& desk, Shows what, const wire::Jid& chat, const Answered<bool>& answered);

// What others show; see engine/account/watches.h.
void watch_presence(Desk& desk, const wire::Jid& chat, const Answered<bool>& answered);
void look_at_presence(Desk& desk, const wire::Jid& chat, Answered<Watched> answered);
void list_presences(Desk& desk, const Answered<std::vector<Watched>>& answered);

}  // namespace pigeond::engine
