#include "gateway/health.h"

#include <algorithm>
#include <iterator>

#include "engine/messages/send_causes.h"

namespace pigeond::gateway {

bool counts_against_session(const Error& error) {
  return engine::send_cause_of(error).suspicion != engine::Suspicion::none;
}

SendHealth::Advice SendHealth::sent(Millis mono, const std::string& chat, const Error* error) {
  if (error == nullptr) {
    failed_chats_.clear();
    return Advice::nothing;
  }
  if (!counts_against_session(*error)) return Advice::nothing;
  failed_chats_.insert(chat);
  if (failed_chats_.size() < kChats) return Advice::nothing;
  failed_chats_.clear();
  while (!restarts_.empty() && mono - restarts_.front() >= kWindow) restarts_.pop_front();
  if (restarts_.size() >= kRestarts) return Advice::give_up;
  restarts_.push_back(mono);
  return Advice::restart;
}

Millis SendHealth::restart_delay() const {
  constexpr Millis kDelays[] = {1 * kSecond, 5 * kSecond, 30 * kSecond, 2 * kMinute, 10 * kMinute};
  const auto step = std::max<std::size_t>(restarts_.size(), 1) - 1;
  return kDelays[std::min(step, std::size(kDelays) - 1)];
}

void SendHealth::reset() {
  failed_chats_.clear();
  restarts_.clear();
}

}  // namespace pigeond::gateway
