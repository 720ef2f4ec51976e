// The log of deliveries, and what is sent again from it.
#include <algorithm>

#include "base/limits.h"
#include "gateway/webhooks.h"

namespace pigeond::gateway {
namespace {

Error no_delivery(std::int64_t id) {
  return fail(Cause::not_found, "There is no delivery " + std::to_string(id));
}

Error queue_full(const std::string& url) {
  return fail(Cause::rate_limited, "too many events wait for " + url + " already");
}

}  // namespace

DeliveryInfo Webhooks::info(const Queue& queue, const store::WebhookLogEntry& entry) const {
  DeliveryInfo out;
  out.id = entry.delivery.id;
  out.replay_of = entry.delivery.origin;
  out.url = queue.url;
  out.event = entry.delivery.event;
  out.event_id = entry.delivery.event_id;
  out.created_ms = entry.delivery.created_ms;
  if (entry.outcome) {
    out.state = entry.outcome->dead ? DeliveryState::dead : DeliveryState::delivered;
    out.tries = entry.outcome->tries;
    out.why = entry.outcome->why;
    out.ended_ms = entry.outcome->ended_ms;
  } else if (queue.busy && queue.head == out.id) {
    out.tries = queue.failures;
    out.why = queue.why;
    out.next_try_ms = queue.next_try;
  }
  return out;
}

std::vector<Webhooks::Queue*> Webhooks::queues_of(std::int64_t session, const std::string& url) {
  std::vector<Queue*> out;
  for (auto& [row, queue] : queues_) {
    if (queue.session == session && (url.empty() || queue.url == url)) out.push_back(&queue);
  }
  return out;
}

std::vector<DeliveryInfo> Webhooks::deliveries(std::int64_t session, const DeliveryFilter& filter) {
  save_outcomes();
  std::vector<DeliveryInfo> out;
  store::WebhookLogFilter wanted;
  wanted.state = filter.state;
  wanted.from_id = filter.after == std::numeric_limits<std::int64_t>::max() ? filter.after : filter.after + 1;
  for (const Queue* queue : queues_of(session, filter.url)) {
    wanted.limit = filter.limit - out.size();
    if (wanted.limit == 0) break;
    for (const auto& entry : store::webhook_log(database_, queue->row, wanted))
      out.push_back(info(*queue, entry));
  }
  return out;
}

Result<DeliveryInfo> Webhooks::delivery(std::int64_t session, std::int64_t id) {
  save_outcomes();
  const Queue* queue = find(store::webhook_queue_of(id));
  if (queue == nullptr || queue->session != session) return no_delivery(id);
  auto row = store::webhook_delivery(database_, id);
  if (!row) return no_delivery(id);
  auto out = info(*queue, {*row, store::webhook_outcome(database_, id)});
  out.body = std::move(row->body);
  return out;
}

std::int64_t Webhooks::replay(Queue& queue, std::int64_t id, bool copy) {
  touch(queue);
  ++queue.added;
  store::replay_webhook_delivery(database_, id, ++queue.last, copy);
  return queue.last;
}

Result<std::int64_t> Webhooks::replay(std::int64_t session, std::int64_t id) {
  PIGEOND_TRY(const DeliveryInfo found, delivery(session, id));
  if (found.state == DeliveryState::pending)
    return fail(Cause::already_exists, "delivery " + std::to_string(id) + " is still pending");
  Queue& queue = *find(store::webhook_queue_of(id));
  if (config_of(queue) == nullptr)
    return fail(Cause::bad_input, "url: the session has no webhook " + queue.url + " any more");
  if (full(queue)) return queue_full(queue.url);
  return replay(queue, id, found.state == DeliveryState::delivered);
}

Result<Replayed> Webhooks::replay(std::int64_t session, const ReplayRange& range) {
  save_outcomes();
  const auto queues = queues_of(session, range.url);
  if (!range.url.empty() && (queues.empty() || config_of(*queues[0]) == nullptr))
    return fail(Cause::bad_input, "url: the session has no deliveries to a webhook " + range.url);
  Replayed done;
  store::WebhookLogFilter wanted;
  wanted.state = range.state;
  wanted.from_id = range.from_id;
  wanted.to_id = range.to_id;
  wanted.from_ms = range.from_ms;
  wanted.to_ms = range.to_ms;
  wanted.originals_only = range.state == DeliveryState::delivered;
  for (Queue* queue : queues) {
    if (config_of(*queue) == nullptr) continue;
    wanted.limit = limits::kWebhookReplay - static_cast<std::size_t>(done.count) + 1;
    for (const auto& entry : store::webhook_log(database_, queue->row, wanted)) {
      if (static_cast<std::size_t>(done.count) == limits::kWebhookReplay || full(*queue)) {
        if (done.count == 0) return queue_full(queue->url);
        done.next = entry.delivery.id;
        return done;
      }
      replay(*queue, entry.delivery.id, range.state == DeliveryState::delivered);
      ++done.count;
    }
  }
  return done;
}

std::int64_t Webhooks::prune(Millis ended_before, std::size_t limit) {
  const store::WebhookLogBounds bounds{limits::kWebhookLog, limits::kDeadLetters, ended_before};
  std::int64_t pruned = 0;
  auto at = queues_.lower_bound(prune_next_);
  for (std::size_t seen = 0; seen < queues_.size(); ++seen, ++at) {
    if (at == queues_.end()) at = queues_.begin();
    prune_next_ = at->first;
    pruned +=
        store::prune_webhook_log(database_, at->first, bounds, limit - static_cast<std::size_t>(pruned));
    if (static_cast<std::size_t>(pruned) >= limit) break;
  }
  return pruned;
}

}  // namespace pigeond::gateway
