#include "gateway/webhooks/board.h"

#include <algorithm>
#include <utility>

namespace pigeond::gateway {

const ShownQueue::Trouble* ShownQueue::trouble_of(std::int64_t id) const {
  const auto found = std::ranges::find_if(
      troubles, [id](const auto& trouble) { return std::ranges::binary_search(trouble->rows, id); });
  return found == troubles.end() ? nullptr : found->get();
}

void WebhookBoard::opened(std::int64_t session) {
  const std::lock_guard lock(mutex_);
  ++of_session_[session];
}

void WebhookBoard::closed(std::int64_t session, std::int64_t queue) {
  const std::lock_guard lock(mutex_);
  queues_.erase(queue);
  const auto found = of_session_.find(session);
  if (found != of_session_.end() && --found->second == 0) of_session_.erase(found);
}

void WebhookBoard::put(std::int64_t queue, ShownQueue shown) {
  auto fresh = shown.is_quiet() ? nullptr : std::make_shared<const ShownQueue>(std::move(shown));
  const std::lock_guard lock(mutex_);
  if (fresh == nullptr)
    queues_.erase(queue);
  else
    queues_[queue].swap(fresh);
}

bool WebhookBoard::has_queues(std::int64_t session) const {
  const std::lock_guard lock(mutex_);
  return of_session_.contains(session);
}

WebhookBoard::Shown WebhookBoard::find(std::int64_t queue) const {
  static const Shown quiet = std::make_shared<const ShownQueue>();
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(queue);
  return found == queues_.end() ? quiet : found->second;
}

std::map<std::int64_t, std::int64_t> WebhookBoard::pending() const {
  std::map<std::int64_t, std::int64_t> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [queue, shown] : queues_)
    if (shown->pending > 0) out.emplace(queue, shown->pending);
  return out;
}

}  // namespace pigeond::gateway
