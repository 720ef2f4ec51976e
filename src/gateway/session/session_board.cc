#include "gateway/session/session_board.h"

#include <utility>

namespace pigeond::gateway {

// What is replaced goes after the lock does: the last pointer to it may be this one.
void SessionBoard::put(Shown session) {
  const std::string& name = session->info.name;
  const std::lock_guard lock(mutex_);
  sessions_[name].swap(session);
  if (extent_ == Extent::some) more_.notify_all();
}

void SessionBoard::erase(const std::string& name) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(name);
}

void SessionBoard::complete() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(extent_, Extent::all) != Extent::all) more_.notify_all();
}

void SessionBoard::cut(const Error& why) {
  const std::lock_guard lock(mutex_);
  if (extent_ == Extent::all) return;
  extent_ = Extent::cut;
  why_ = why;
  more_.notify_all();
}

Status SessionBoard::wait(std::unique_lock<std::mutex>& lock, const std::string* name) const {
  const auto is_here = [&] { return name != nullptr && sessions_.contains(*name); };
  more_.wait(lock, [&] { return extent_ != Extent::some || is_here(); });
  if (extent_ == Extent::cut && !is_here()) return why_;
  return {};
}

Result<SessionBoard::Shown> SessionBoard::find(const std::string& name) const {
  std::unique_lock lock(mutex_);
  PIGEOND_CHECK(wait(lock, &name));
  const auto found = sessions_.find(name);
  return found == sessions_.end() ? nullptr : found->second;
}

SessionBoard::Shown SessionBoard::here(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(name);
  return found == sessions_.end() ? nullptr : found->second;
}

Result<std::vector<SessionBoard::Shown>> SessionBoard::all() const {
  std::vector<Shown> out;
  std::unique_lock lock(mutex_);
  PIGEOND_CHECK(wait(lock, nullptr));
  out.reserve(sessions_.size());
  for (const auto& [name, session] : sessions_) out.push_back(session);
  return out;
}

}  // namespace pigeond::gateway
