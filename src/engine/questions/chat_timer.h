// After what time the messages of a chat disappear, as far as this device has heard.
#pragma once

#include "engine/messages/kinds/content.h"
#include "engine/questions/question.h"

namespace pigeond::engine {

void chat_timer(Desk& desk, const wire::Jid& chat, const Answered<Timer>& answered);

}  // namespace pigeond::engine
