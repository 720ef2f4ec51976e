#include "gateway/webhooks.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/session_config.h"
#include "gateway/webhook_request.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kTimeout = 30 * kSecond;
constexpr Millis kSaveWithin = kSecond;
constexpr Millis kSaveAgain = 5 * kSecond;   // after a failed commit
constexpr std::size_t kUnsavedAtMost = 256;  // outcomes

}  // namespace

Webhooks::Webhooks(net::Loop& loop, net::HttpSender& http, store::Database& database, Random& random,
                   Options options, ConfigOf config_of)
    : loop_(loop),
      http_(http),
      database_(database),
      random_(random),
      options_(std::move(options)),
      config_of_(std::move(config_of)) {}

void Webhooks::resume() {
  for (const auto& row : store::webhook_queues(database_)) {
    const auto state = store::webhook_queue_state(database_, row.queue);
    Queue& queue = insert(row.queue, row.session, row.url);
    queue.last = state.last;
    queue.pending = state.pending;
    queue.head = state.pending > 0 ? state.first - 1 : state.last;
    touch(queue);
  }
}

// --- the queues ---

Webhooks::Queue& Webhooks::insert(std::int64_t row, std::int64_t session, const std::string& url) {
  Queue& queue = queues_[row];
  queue.row = row;
  queue.session = session;
  queue.url = url;
  queue.last = queue.head = store::webhook_id(row, 0);
  by_url_[{session, url}] = row;
  return queue;
}

Webhooks::Queue& Webhooks::open(std::int64_t session, const std::string& url) {
  const auto found = by_url_.find({session, url});
  if (found != by_url_.end()) return queues_.at(found->second);
  Queue& queue = insert(store::add_webhook_queue(database_, session, url), session, url);
  queue.created = true;
  return queue;
}

void Webhooks::erase(std::int64_t row) {
  Queue& queue = queues_.at(row);
  if (queue.request != 0) http_.cancel(queue.request);
  if (queue.retry != 0) loop_.cancel(queue.retry);
  by_url_.erase({queue.session, queue.url});
  queues_.erase(row);
}

Webhooks::Queue* Webhooks::find(std::int64_t row) {
  const auto found = queues_.find(row);
  return found == queues_.end() ? nullptr : &found->second;
}

void Webhooks::touch(Queue& queue) {
  if (!std::exchange(queue.touched, true)) touched_.push_back(queue.row);
}

bool Webhooks::full(const Queue& queue) const {
  return queue.pending + queue.added - queue.ended >= limits::kWebhookQueue;
}

const WebhookConfig* Webhooks::config_of(const Queue& queue) const {
  const SessionConfig* config = config_of_(queue.session);
  if (config == nullptr) return nullptr;
  const auto found = std::find_if(config->webhooks.begin(), config->webhooks.end(),
                                  [&](const WebhookConfig& webhook) { return webhook.url == queue.url; });
  return found == config->webhooks.end() ? nullptr : &*found;
}

void Webhooks::forget(std::int64_t session) {
  std::vector<std::int64_t> rows;
  for (const auto& [row, queue] : queues_) {
    if (queue.session == session) rows.push_back(row);
  }
  for (const std::int64_t row : rows) erase(row);
}

// --- the tick ---

void Webhooks::add(std::int64_t session, const SessionConfig& config, const Event& event,
                   const std::function<std::string()>& body) {
  store::WebhookDelivery delivery;
  for (const auto& webhook : config.webhooks) {
    if (!subscribes(webhook, event.name)) continue;
    if (delivery.body.empty()) {
      delivery.event = event.name;
      delivery.event_id = event.id;
      delivery.created_ms = event.timestamp;
      delivery.body = body();
    }
    Queue& queue = open(session, webhook.url);
    touch(queue);
    if (full(queue)) make_room(queue);
    delivery.id = ++queue.last;
    store::add_webhook_delivery(database_, delivery);
    ++queue.added;
  }
}

// The oldest that is not being sent becomes a dead letter.
void Webhooks::make_room(Queue& queue) {
  const auto oldest = store::next_webhook_id(database_, std::max(queue.head, queue.overflow_head));
  if (!oldest) return;
  store::add_webhook_outcome(database_, {*oldest, true, 0, "queue full", loop_.now().wall});
  queue.overflow_head = *oldest;
  ++queue.ended;
  ++ended_;
  if (!std::exchange(queue.overflowed, true)) {
    log::warning("webhook queue full, its oldest events become dead letters",
                 {{"host", webhook_host(queue.url)}, {"pending", std::to_string(queue.pending)}});
  }
}

void Webhooks::collect() {
  if (unsaved_.empty()) return;
  if (save_due_ || database_.changed() || unsaved_.size() >= kUnsavedAtMost) save_outcomes();
}

void Webhooks::save_outcomes() {
  for (; saving_ < unsaved_.size(); ++saving_) store::add_webhook_outcome(database_, unsaved_[saving_]);
}

void Webhooks::committed() {
  if (saving_ > 0) {
    unsaved_.erase(unsaved_.begin(), unsaved_.begin() + static_cast<std::ptrdiff_t>(saving_));
    ended_ += static_cast<std::int64_t>(std::exchange(saving_, 0));
    save_due_ = false;
    loop_.cancel(std::exchange(save_timer_, 0));
    if (!unsaved_.empty()) save_within(kSaveWithin);
  }
  for (const std::int64_t row : std::exchange(touched_, {})) {
    Queue* queue = find(row);
    if (queue == nullptr) continue;
    queue->pending += std::exchange(queue->added, 0) - std::exchange(queue->ended, 0);
    queue->created = queue->touched = false;
    if (!queue->busy && queue->pending > 0) send_next(*queue);
  }
}

void Webhooks::rolled_back() {
  if (!unsaved_.empty()) {
    saving_ = 0;
    save_due_ = false;
    loop_.cancel(std::exchange(save_timer_, 0));
    save_within(kSaveAgain);
  }
  for (const std::int64_t row : std::exchange(touched_, {})) {
    Queue* queue = find(row);
    if (queue == nullptr) continue;
    if (queue->created) {
      erase(row);
      continue;
    }
    queue->last -= std::exchange(queue->added, 0);
    queue->ended = queue->overflow_head = 0;
    queue->touched = false;
    if (!queue->busy) touch(*queue);  // its next row is still to be sent
  }
}

void Webhooks::save_within(Millis time) {
  if (save_timer_ != 0) return;
  save_timer_ = loop_.after(time, [this] {
    save_timer_ = 0;
    save_due_ = true;
  });
}

// --- a delivery ---

void Webhooks::send_next(Queue& queue) {
  if (config_of(queue) == nullptr) return drop_later(queue);
  const auto delivery = store::next_webhook_delivery(database_, queue.head);
  if (!delivery) {
    if (!database_.failed()) queue.pending = 0;
    return;
  }
  queue.head = delivery->id;
  queue.busy = true;
  queue.failures = 0;
  queue.why.clear();
  send(queue, *delivery);
}

void Webhooks::send(Queue& queue, const store::WebhookDelivery& delivery) {
  const WebhookConfig& webhook = *config_of(queue);
  net::HttpClientRequest request;
  request.method = "POST";
  request.url = queue.url;
  request.headers = webhook_headers(webhook, delivery, options_.user_agent);
  request.body = delivery.body;
  request.timeout = kTimeout;
  if (!options_.ca_file.empty()) request.tls.ca_file = options_.ca_file;
  queue.next_try = 0;
  queue.request = http_.send(std::move(request), [this, row = queue.row](Result<net::HttpResponse> answer) {
    if (Queue* found = find(row)) answered(*found, answer);
  });
}

// Not configured any longer. Its rows end in the next tick: this one is committed already.
void Webhooks::drop_later(Queue& queue) {
  if (std::exchange(queue.busy, false)) --queue.head;  // it is pending as the others are
  loop_.post([this, row = queue.row] {
    Queue* found = find(row);
    if (found == nullptr) return;
    touch(*found);
    if (config_of(*found) != nullptr) return;
    save_outcomes();
    const auto ended =
        store::end_webhook_queue(database_, row, {0, true, 0, "webhook removed", loop_.now().wall});
    found->ended += ended;
    ended_ += ended;
  });
}

void Webhooks::answered(Queue& queue, const Result<net::HttpResponse>& answer) {
  queue.request = 0;
  ++queue.failures;
  queue.why = answer ? "status " + std::to_string(answer->status) : std::string(cause_name(answer.cause()));
  if (answer && answer->status >= 200 && answer->status <= 299) return end(queue, false);
  const std::string host = webhook_host(queue.url), tries = std::to_string(queue.failures);
  const WebhookConfig* webhook = config_of(queue);
  const RetryPolicy policy = webhook != nullptr ? webhook->retries : RetryPolicy{};
  if (queue.failures > policy.attempts) {
    log::error("webhook given up, the event is a dead letter",
               {{"host", host}, {"why", queue.why}, {"tries", tries}, {"id", std::to_string(queue.head)}});
    return end(queue, true);
  }
  log::warning("webhook failed", {{"host", host}, {"why", queue.why}, {"try", tries}});
  try_again(queue, policy, answer ? retry_after(*answer, loop_.now()) : 0);
}

void Webhooks::end(Queue& queue, bool dead) {
  unsaved_.push_back({queue.head, dead, queue.failures, queue.why, loop_.now().wall});
  save_within(kSaveWithin);
  queue.busy = false;
  --queue.pending;
  if (!dead) queue.overflowed = false;
  touch(queue);
}

void Webhooks::try_again(Queue& queue, const RetryPolicy& policy, Millis at_least) {
  const Millis delay = std::max(at_least, retry_delay(policy, queue.failures, random_));
  queue.next_try = loop_.now().wall + delay;
  queue.retry = loop_.after(delay, [this, row = queue.row] {
    Queue* found = find(row);
    if (found == nullptr) return;
    found->retry = 0;
    if (config_of(*found) == nullptr) return drop_later(*found);
    if (const auto delivery = store::webhook_delivery(database_, found->head)) return send(*found, *delivery);
    if (!database_.failed()) {  // cannot be: pending rows stay
      found->busy = false;
      touch(*found);
      return;
    }
    try_again(*found, RetryPolicy{}, kSaveAgain);  // unreadable
  });
}

}  // namespace pigeond::gateway
