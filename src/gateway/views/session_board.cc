#include "gateway/views/session_board.h"

#include <utility>

namespace pigeond::gateway {

// What is replaced goes after the lock does: the last pointer to it may be this one.
void SessionBoard::put(Shown session) {
  const std::string& name = session->info.name;
  const std::lock_guard lock(mutex_);
  sessions_[name].swap(session);
}

void SessionBoard::erase(const std::string& name) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(name);
}

SessionBoard::Shown SessionBoard::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(name);
  return found == sessions_.end() ? nullptr : found->second;
}

std::vector<SessionBoard::Shown> SessionBoard::all() const {
  std::vector<Shown> out;
  const std::lock_guard lock(mutex_);
  out.reserve(sessions_.size());
  for (const auto& [name, session] : sessions_) out.push_back(session);
  return out;
}

}  // namespace pigeond::gateway
