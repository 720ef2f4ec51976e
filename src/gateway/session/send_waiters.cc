#include "gateway/session/send_waiters.h"

#include <utility>

namespace pigeond::gateway {

void SendWaiters::add(engine::RequestId number, Waiter waiter) {
  by_message_.emplace(waiter.request.id, number);
  fresh_.push_back(number);
  waiters_.emplace(number, std::move(waiter));
}

std::optional<SendWaiters::Waiter> SendWaiters::take(engine::RequestId number) {
  auto found = waiters_.extract(number);
  if (found.empty()) return std::nullopt;
  const auto [first, last] = by_message_.equal_range(found.mapped().request.id);
  for (auto at = first; at != last; ++at) {
    if (at->second != number) continue;
    by_message_.erase(at);
    break;
  }
  return std::move(found.mapped());
}

void SendWaiters::told(const std::string& id, const Told& told) {
  const auto [first, last] = by_message_.equal_range(id);
  for (auto at = first; at != last; ++at) waiters_.at(at->second).told = told;
}

std::vector<SendWaiters::Waiter> SendWaiters::take_message(const std::string& id) {
  std::vector<engine::RequestId> numbers;
  const auto [first, last] = by_message_.equal_range(id);
  for (auto at = first; at != last; ++at) numbers.push_back(at->second);
  std::vector<Waiter> taken;
  for (const auto number : numbers)
    if (auto waiter = take(number)) taken.push_back(std::move(*waiter));
  return taken;
}

std::vector<std::string> SendWaiters::messages() const {
  std::vector<std::string> ids;
  for (auto at = by_message_.begin(); at != by_message_.end(); at = by_message_.equal_range(at->first).second)
    ids.push_back(at->first);
  return ids;
}

std::vector<SendWaiters::Waiter> SendWaiters::take_all() {
  std::vector<Waiter> taken;
  for (auto& [number, waiter] : waiters_) taken.push_back(std::move(waiter));
  waiters_.clear();
  by_message_.clear();
  fresh_.clear();
  return taken;
}

void SendWaiters::committed() {
  for (const auto number : std::exchange(fresh_, {}))
    if (const auto found = waiters_.find(number); found != waiters_.end()) found->second.accepted = true;
}

std::vector<SendWaiters::Waiter> SendWaiters::take_uncommitted() {
  std::vector<Waiter> taken;
  for (const auto number : std::exchange(fresh_, {}))
    if (auto waiter = take(number)) taken.push_back(std::move(*waiter));
  return taken;
}

}  // namespace pigeond::gateway
