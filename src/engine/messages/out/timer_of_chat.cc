#include "engine/messages/out/timer_of_chat.h"

namespace pigeond::engine {

Timer timer_of_chat(Desk& desk, const wire::Jid& chat) {
  if (!chat.is_group()) return desk.timers.of(chat);
  Timer timer;
  if (const auto group = desk.groups.last_known(chat))
    timer.seconds = static_cast<std::uint32_t>(group->facts.ephemeral);
  return timer;
}

}  // namespace pigeond::engine
