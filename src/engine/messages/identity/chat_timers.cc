#include "engine/messages/identity/chat_timers.h"

#include <algorithm>

#include "engine/messages/kinds/timer.h"

namespace pigeond::engine {
namespace {

// Clocks of others may be ahead; what was set in a far future could never be changed again.
constexpr std::int64_t kAhead = 24 * 3600;

}  // namespace

ChatTimers::Found ChatTimers::find(const wire::Jid& chat) {
  const wire::Jid user = chat.without_device(), key = lids_.canonical(user);
  if (auto row = rows_.find(key.text())) return {key.text(), *row};
  // It was kept before the LID was known.
  const wire::Jid pn = user.is_user() ? lids_.pn(user).without_device() : wire::Jid{};
  if (!pn.empty() && !(pn == key))
    if (auto row = rows_.find(pn.text())) return {key.text(), *row};
  return {key.text(), {}};
}

Timer ChatTimers::of(const wire::Jid& chat) {
  const store::ChatTimer row = find(chat).timer;
  Timer timer;
  timer.seconds = row.seconds;
  timer.set = row.set_at;
  return timer;
}

void ChatTimers::set(const wire::Jid& chat, const Timer& timer, std::int64_t heard) {
  const Found found = find(chat);
  const std::int64_t set = std::min(timer.set != 0 ? timer.set : heard, heard + kAhead);
  const std::int64_t known = found.timer.set_at != 0 ? found.timer.set_at : found.timer.heard_at;
  if (set < known || timer.seconds > kLongestTimer) return;
  rows_.put(found.key, {timer.seconds, set, std::max(heard, found.timer.heard_at)});
}

void ChatTimers::seen(const wire::Jid& chat, const Timer& timer, std::int64_t heard) {
  const Found found = find(chat);
  const store::ChatTimer& known = found.timer;
  const bool same = known.seconds == timer.seconds && (timer.set == 0 || timer.set == known.set_at);
  if (same || timer.seconds > kLongestTimer) return;
  if (timer.set != 0) {
    if (timer.set > known.set_at && timer.set <= heard + kAhead)
      rows_.put(found.key, {timer.seconds, timer.set, std::max(heard, known.heard_at)});
    return;
  }
  // Clients that name no time of setting (Baileys) may do so from habit: they end no timer.
  if (timer.seconds == 0 || heard < std::max(known.set_at, known.heard_at)) return;
  rows_.put(found.key, {timer.seconds, 0, heard});
}

}  // namespace pigeond::engine
