#include "engine/questions/chat_timer.h"

#include "engine/messages/desk.h"

namespace pigeond::engine {

void chat_timer(Desk& desk, const wire::Jid& chat, const Answered<Timer>& answered) {
  answered(desk.timers.of(desk.dialled.account(chat.without_device())));
}

}  // namespace pigeond::engine
