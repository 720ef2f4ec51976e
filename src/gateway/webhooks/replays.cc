// What is sent again from the log of deliveries.
#include <algorithm>

#include "base/limits.h"
#include "gateway/webhooks/shown.h"
#include "gateway/webhooks/target.h"
#include "gateway/webhooks/webhooks.h"

namespace pigeond::gateway {
namespace {

Error queue_full(const std::string& url) {
  return fail(Cause::rate_limited, "too many events wait for " + webhook_shown(url) + " already");
}

}  // namespace

// By its URL as it is configured, or as it is shown.
std::vector<Webhooks::Receiver*> Webhooks::receivers_of(std::int64_t session, const std::string& url) {
  std::vector<Receiver*> out;
  for (auto& [row, receiver] : receivers_) {
    if (receiver.queue.session() != session || receiver.removed) continue;
    if (url.empty() || receiver.queue.url() == url || webhook_shown(receiver.queue.url()) == url)
      out.push_back(&receiver);
  }
  return out;
}

// The webhook that shall get what another one did not.
Result<Webhooks::Receiver*> Webhooks::target_of(std::int64_t session, const std::string& url) {
  if (const SessionConfig* config = config_of_(session)) {
    for (const auto& webhook : config->webhooks) {
      if (webhook.url != url && webhook_shown(webhook.url) != url) continue;
      if (Receiver* receiver = open(session, webhook.url)) return receiver;
      return database_.failure();
    }
  }
  return fail(Cause::bad_input, Field::target_webhook, "the session has no webhook " + webhook_shown(url));
}

Result<DeliveryInfo> Webhooks::delivery(std::int64_t session, std::int64_t id) {
  save_outcomes();
  return shown_delivery(database_, texts_, board_, session, id);
}

std::int64_t Webhooks::replay(Receiver& to, std::int64_t id, bool copy) {
  touch(to);
  const std::int64_t repeated = to.queue.add();
  to.queue.part_ended(true);  // no part of the tick, but the tick itself
  store::replay_webhook_delivery(database_, id, repeated, copy);
  return repeated;
}

Result<std::int64_t> Webhooks::replay(std::int64_t session, std::int64_t id, const std::string& to_url) {
  PIGEOND_TRY(const DeliveryInfo found, delivery(session, id));
  if (found.state == DeliveryState::pending)
    return fail(Cause::already_exists, "delivery " + std::to_string(id) + " is still pending");
  Receiver& from = *find(store::webhook_queue_of(id));
  Receiver* to = &from;
  if (!to_url.empty()) {
    PIGEOND_TRY(to, target_of(session, to_url));
  } else if (config_of(from) == nullptr) {
    return fail(
        Cause::bad_input, Field::webhook,
        "the session has no webhook " + found.url + " any more; another one that it has can be named");
  }
  if (to->queue.full()) return queue_full(to->queue.url());
  return replay(*to, id, found.state == DeliveryState::delivered);
}

Result<Replayed> Webhooks::replay(std::int64_t session, const ReplayRange& range) {
  save_outcomes();
  Receiver* target = nullptr;
  if (!range.to_url.empty()) {
    PIGEOND_TRY(target, target_of(session, range.to_url));
  }
  const auto receivers = receivers_of(session, range.url);
  if (!range.url.empty() &&
      (receivers.empty() || (target == nullptr && config_of(*receivers[0]) == nullptr))) {
    return fail(Cause::bad_input, Field::webhook,
                "the session has no deliveries to a webhook " + webhook_shown(range.url));
  }
  Replayed done;
  store::WebhookLogFilter wanted;
  wanted.state = range.state;
  wanted.from_id = range.from_id;
  wanted.to_id = range.to_id;
  wanted.from_ms = range.from_ms;
  wanted.to_ms = range.to_ms;
  wanted.originals_only = range.state == DeliveryState::delivered;
  for (Receiver* from : receivers) {
    if (target == nullptr && config_of(*from) == nullptr) continue;
    Receiver& to = target != nullptr ? *target : *from;
    wanted.limit = limits::kWebhookReplay - static_cast<std::size_t>(done.count) + 1;
    for (const auto& entry : store::webhook_log(database_, from->queue.row(), wanted)) {
      if (static_cast<std::size_t>(done.count) == limits::kWebhookReplay || to.queue.full()) {
        if (done.count == 0) return queue_full(to.queue.url());
        done.next = entry.delivery.id;
        return done;
      }
      replay(to, entry.delivery.id, range.state == DeliveryState::delivered);
      ++done.count;
    }
  }
  return done;
}

std::int64_t Webhooks::prune(Millis ended_before, std::size_t limit) {
  std::int64_t pruned = 0;
  std::map<std::int64_t, std::size_t> former;
  auto at = receivers_.lower_bound(prune_next_);
  for (std::size_t seen = 0; seen < receivers_.size(); ++seen, ++at) {
    if (at == receivers_.end()) at = receivers_.begin();
    Receiver& receiver = at->second;
    prune_next_ = at->first;
    if (receiver.removed) continue;
    const bool over = config_of(receiver) == nullptr && receiver.queue.pending() == 0;
    const store::WebhookLogBounds bounds{limits::kWebhookLog, limits::kDeadLetters, ended_before, over};
    const auto rows =
        store::prune_webhook_log(database_, at->first, bounds, limit - static_cast<std::size_t>(pruned));
    pruned += rows;
    if (static_cast<std::size_t>(pruned) >= limit) return pruned;
  }
  for (auto entry = receivers_.rbegin(); entry != receivers_.rend(); ++entry)
    remove_if_former(entry->second, former);
  return pruned;
}

// A URL that is not configured any more and has no rows, or that too many newer ones have followed.
void Webhooks::remove_if_former(Receiver& receiver, std::map<std::int64_t, std::size_t>& former) {
  if (receiver.removed || receiver.touched || receiver.queue.pending() > 0 || config_of(receiver) != nullptr)
    return;
  const std::int64_t row = receiver.queue.row();
  if (store::has_webhook_deliveries(database_, row) &&
      ++former[receiver.queue.session()] <= limits::kFormerWebhooks)
    return;
  store::remove_webhook_queue(database_, row);
  receiver.removed = true;
  touch(receiver);
}

}  // namespace pigeond::gateway
