#include "gateway/webhooks/shown.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "gateway/webhooks/target.h"

namespace pigeond::gateway {
namespace {

Error no_delivery(std::int64_t id) {
  return fail(Cause::not_found, "There is no delivery " + std::to_string(id));
}

DeliveryInfo info(const EventTexts& texts, const WebhookBoard& board, const std::string& url,
                  const store::WebhookLogEntry& entry) {
  DeliveryInfo out;
  out.id = entry.delivery.id;
  out.replay_of = entry.delivery.origin;
  out.url = webhook_shown(url);
  out.created_ms = entry.created_ms;
  if (auto words = texts.head(entry.delivery.event, entry.delivery.name)) {
    out.topic = words->topic;
    out.told_as = std::move(words->told_as);
    out.event_id = std::move(words->id);
    out.created_ms = words->at;
  }
  if (entry.outcome) {
    out.state = entry.outcome->dead ? DeliveryState::dead : DeliveryState::delivered;
    out.tries = entry.outcome->tries;
    out.why = entry.outcome->why;
    out.ended_ms = entry.outcome->ended_ms;
    return out;
  }
  const auto queue = board.find(store::webhook_queue_of(out.id));
  if (const auto* trouble = queue->trouble_of(out.id)) {
    out.tries = trouble->tries;
    out.why = trouble->why;
    out.next_try_ms = trouble->next_try_ms;
  }
  return out;
}

bool is_configured(const SessionConfig& config, const std::string& url) {
  return std::any_of(config.webhooks.begin(), config.webhooks.end(),
                     [&](const WebhookConfig& webhook) { return webhook.url == url; });
}

}  // namespace

std::vector<DeliveryInfo> shown_deliveries(store::Database& database, const WebhookBoard& board,
                                           std::int64_t session, const DeliveryFilter& filter) {
  const EventTexts texts(database, nullptr);
  std::vector<DeliveryInfo> out;
  store::WebhookLogFilter wanted;
  wanted.state = filter.state;
  wanted.from_id = filter.after == std::numeric_limits<std::int64_t>::max() ? filter.after : filter.after + 1;
  for (const auto& queue : store::webhook_queues(database, session)) {
    if (!filter.url.empty() && queue.url != filter.url && webhook_shown(queue.url) != filter.url) continue;
    wanted.limit = filter.limit - out.size();
    if (wanted.limit == 0) break;
    for (const auto& entry : store::webhook_log(database, queue.queue, wanted))
      out.push_back(info(texts, board, queue.url, entry));
  }
  return out;
}

Result<DeliveryInfo> shown_delivery(store::Database& database, const EventTexts& texts,
                                    const WebhookBoard& board, std::int64_t session, std::int64_t id) {
  const auto queues = store::webhook_queues(database, session);
  const auto queue = std::ranges::find(queues, store::webhook_queue_of(id), &store::WebhookQueueRow::queue);
  if (queue == queues.end()) return no_delivery(id);
  const auto row = store::webhook_delivery(database, id);
  if (!row) return no_delivery(id);
  auto out = info(texts, board, queue->url, {*row, 0, store::webhook_outcome(database, id)});
  if (auto words = texts.whole(row->event, row->name)) out.body = std::move(words->text);
  return out;
}

std::vector<WebhookHealth> shown_webhooks(store::Database& database, const WebhookBoard& board,
                                          std::int64_t session, const SessionConfig& config) {
  std::vector<WebhookHealth> out;
  for (const auto& queue : store::webhook_queues(database, session)) {
    const auto shown = board.find(queue.queue);
    WebhookHealth health;
    health.url = webhook_shown(queue.url);
    health.configured = is_configured(config, queue.url);
    health.pending = shown->pending;
    health.dead = store::webhook_dead_letters(database, queue.queue);
    if (health.pending > 0) health.oldest_ms = store::webhook_waits_since(database, queue.queue);
    health.next_try_ms = shown->next_try_ms;
    health.why = shown->why;
    if (health.configured || health.pending > 0 || health.dead > 0) out.push_back(std::move(health));
  }
  return out;
}

WebhookTotals shown_totals(store::Database& database, const WebhookBoard& board) {
  WebhookTotals out;
  out.dead = store::webhook_dead_letters(database);
  for (const auto& [queue, pending] : board.pending()) {
    out.pending += pending;
    const Millis since = store::webhook_waits_since(database, queue);
    if (since != 0 && (out.oldest_ms == 0 || since < out.oldest_ms)) out.oldest_ms = since;
  }
  return out;
}

}  // namespace pigeond::gateway
