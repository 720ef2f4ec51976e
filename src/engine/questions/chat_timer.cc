#include "engine/questions/chat_timer.h"

#include "engine/messages/desk.h"
#include "engine/messages/out/timer_of_chat.h"

namespace pigeond::engine {

void chat_timer(Desk& desk, const wire::Jid& chat, const Answered<Timer>& answered) {
  answered(timer_of_chat(desk, desk.dialled.account(chat.without_device())));
}

}  // namespace pigeond::engine
