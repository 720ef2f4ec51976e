// After what time what is sent to a chat disappears there.
#pragma once

#include "engine/messages/desk.h"

namespace pigeond::engine {

// A group's metadata says so; of other chats their timer (identity/chat_timers.h).
Timer timer_of_chat(Desk& desk, const wire::Jid& chat);

}  // namespace pigeond::engine
