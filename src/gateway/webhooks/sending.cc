// From rows to requests, and from answers to what comes of them.
#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/webhooks/webhooks.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kSaveWithin = kSecond;
constexpr Millis kReadAgain = 5 * kSecond;
constexpr Millis kProbe = 30 * kSecond;  // between new calls to a receiver that takes nothing
constexpr Millis kSayAgain = kMinute;    // that a queue is full

bool is_default(const RetryPolicy& policy) {
  return policy == RetryPolicy{};
}

// Whether a batch was refused as what it is: one of its events may be why.
bool may_hold_the_cause(const WebhookCall& call, const Result<net::HttpResponse>& answer) {
  return call.parted_after == 0 && call.rows.size() > 1 && (answer || answer.cause() == Cause::link_lost);
}

// No later try of the same will do better.
bool is_refusal(const Result<net::HttpResponse>& answer) {
  return answer && answer->status >= 400 && answer->status <= 499 && answer->status != 408 &&
         answer->status != 429;
}

}  // namespace

// The oldest that is in no call becomes a dead letter.
bool Webhooks::make_room(Receiver& receiver) {
  const auto oldest = receiver.queue.give_up_oldest();
  if (!oldest) return false;
  unsaved_.push_back({*oldest, true, 0, "queue full", loop_.now().wall});
  ++receiver.dropped;
  const Millis now = loop_.now().mono;
  if (receiver.dropped_said && now - *receiver.dropped_said < kSayAgain) return true;
  receiver.dropped_said = now;
  log::warning("webhook queue full, its oldest events become dead letters",
               {{"host", receiver.host},
                {"pending", std::to_string(receiver.queue.pending())},
                {"dropped", std::to_string(std::exchange(receiver.dropped, 0))}});
  return true;
}

// --- what may leave ---

// As many events have failed as there are connections, and none was taken since.
bool Webhooks::is_down(const Receiver& receiver, const WebhookConfig& webhook) const {
  return receiver.troubles >= static_cast<std::size_t>(webhook.connections);
}

bool Webhooks::may_begin(Receiver& receiver, const WebhookConfig& webhook) const {
  const std::size_t calls = receiver.queue.calls().size();
  if (calls == 0) return true;
  if (calls - receiver.queue.under_way() >= limits::kWebhookTroubles) return false;
  return !is_down(receiver, webhook) || loop_.now().mono - receiver.probed >= kProbe;
}

bool Webhooks::has_room(Receiver& receiver, const WebhookConfig& webhook) {
  if (receiver.queue.under_way() >= static_cast<std::size_t>(webhook.connections)) return false;
  const auto of_host = of_host_.find(receiver.host);
  if (calls_ < limits::kWebhookCalls &&
      (of_host == of_host_.end() || of_host->second < limits::kWebhookCallsOfHost))
    return true;
  if (!std::exchange(receiver.starved, true)) starved_.push_back(receiver.queue.row());
  return false;
}

void Webhooks::under_way(Receiver& receiver, int change) {
  calls_ += static_cast<std::size_t>(change);
  auto& of_host = of_host_[receiver.host];
  of_host += static_cast<std::size_t>(change);
  if (of_host == 0) of_host_.erase(receiver.host);
}

void Webhooks::pump(Receiver& receiver) {
  changed(receiver);
  if (receiver.queue.clearing() || receiver.removed) return;
  if (receiver.queue.pending() == 0) return plan(receiver, WebhookConfig{});
  const WebhookConfig* webhook = config_of(receiver);
  if (webhook == nullptr) {
    if (receiver.queue.under_way() == 0) drop_later(receiver);
    return;
  }
  if (database_.failed()) return touch(receiver);  // looked at again when that is over
  const Millis now = loop_.now().mono;
  std::vector<std::uint64_t> due;
  for (const auto& [number, call] : receiver.queue.calls()) {
    if (!call.under_way && call.due <= now) due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    if (!has_room(receiver, *webhook)) break;
    send(receiver, *webhook, *receiver.queue.find(number));
  }
  const auto most = static_cast<std::size_t>(std::max(webhook->batch, 1));
  while (may_begin(receiver, *webhook) && has_room(receiver, *webhook)) {
    WebhookCall* call = receiver.queue.take(most, webhook->strict);
    if (call == nullptr) break;
    receiver.probed = now;
    send(receiver, *webhook, *call);
  }
  plan(receiver, *webhook);
}

// One timer: for the next try that is not due yet, or the next look at a receiver that is down.
void Webhooks::plan(Receiver& receiver, const WebhookConfig& webhook) {
  loop_.cancel(std::exchange(receiver.timer, 0));
  const Millis now = loop_.now().mono;
  std::optional<Millis> next;
  for (const auto& [number, call] : receiver.queue.calls()) {
    if (!call.under_way && call.due > now && (!next || call.due < *next)) next = call.due;
  }
  if (!receiver.queue.calls().empty() && is_down(receiver, webhook) && receiver.probed + kProbe > now)
    next = std::min(next.value_or(receiver.probed + kProbe), receiver.probed + kProbe);
  if (!next) return;
  receiver.timer = loop_.at(*next, [this, row = receiver.queue.row()] {
    Receiver* found = find(row);
    if (found == nullptr) return;
    found->timer = 0;
    pump(*found);
  });
}

void Webhooks::pump_starved() {
  loop_.cancel(std::exchange(wake_timer_, 0));
  for (const std::int64_t row : std::exchange(starved_, {})) {
    Receiver* receiver = find(row);
    if (receiver == nullptr) continue;
    receiver->starved = false;
    pump(*receiver);
  }
}

// --- a call ---

void Webhooks::send(Receiver& receiver, const WebhookConfig& webhook, WebhookCall& call) {
  std::vector<WebhookItem> deliveries;
  for (const std::int64_t id : call.rows) {
    const auto row = store::webhook_delivery(database_, id);
    if (auto words = row ? texts_.whole(row->event, row->name) : std::nullopt)
      deliveries.push_back({id, row->origin, std::move(words->id), std::move(words->text), words->at});
    if (call.parted_after > 0) break;
  }
  if (database_.failed()) return try_again(call, kReadAgain);
  if (deliveries.empty()) {  // cannot be, unless its row makes no sense
    call.why = "the event can't be read";
    return end(receiver, call, true);
  }
  call.under_way = true;
  call.next_try = 0;
  under_way(receiver, 1);
  call.request = http_.send(
      webhook_request(webhook, deliveries, call.failures, options_, texts_.format()),
      [this, row = receiver.queue.row(), number = call.number](const Result<net::HttpResponse>& answer) {
        if (Receiver* found = find(row)) answered(*found, number, answer);
      });
}

// Not configured any longer. Its rows end in the next tick: this one is committed already.
void Webhooks::drop_later(Receiver& receiver) {
  loop_.post([this, row = receiver.queue.row()] {
    Receiver* found = find(row);
    if (found == nullptr || found->queue.clearing()) return;
    touch(*found);
    if (config_of(*found) != nullptr || found->queue.under_way() > 0) return;
    save_outcomes();
    ended_ += store::end_webhook_queue(database_, row, {0, true, 0, "webhook removed", loop_.now().wall});
    found->queue.clear();
  });
}

void Webhooks::answered(Receiver& receiver, std::uint64_t number, const Result<net::HttpResponse>& answer) {
  WebhookCall& call = *receiver.queue.find(number);
  call.under_way = false;
  call.request = 0;
  under_way(receiver, -1);
  ++call.failures;
  const WebhookConfig* configured = config_of(receiver);
  const WebhookConfig webhook = configured != nullptr ? *configured : WebhookConfig{};
  const auto verdict = judge_webhook(webhook, answer, call.failures, loop_.now(), random_);
  call.why = verdict.why;
  if (verdict.what == WebhookVerdict::What::taken) {
    const bool recovered = call.failures > 1;
    end(receiver, call, false);
    taken(receiver, webhook, recovered);
  } else {
    receiver.why = call.why;
    if (call.failures == 1) ++receiver.troubles;
    const std::string tries = std::to_string(call.failures), id = std::to_string(call.rows.front());
    const bool last = verdict.what == WebhookVerdict::What::given_up;
    if (may_hold_the_cause(call, answer) && (last || (call.failures > 1 && is_refusal(answer)))) {
      log::warning("webhook batch failed, its events go one by one",
                   {{"host", receiver.host}, {"why", call.why}, {"tries", tries}, {"id", id}});
      call.parted_after = call.failures;
      call.held = verdict.held;
      try_again(call, last && !verdict.held ? 0 : verdict.wait);
    } else if (verdict.what == WebhookVerdict::What::given_up) {
      log::error("webhook given up, the event is a dead letter",
                 {{"host", receiver.host}, {"why", call.why}, {"tries", tries}, {"id", id}});
      end(receiver, call, true);
    } else {
      log::warning("webhook failed",
                   {{"host", receiver.host}, {"why", call.why}, {"try", tries}, {"id", id}});
      call.held = verdict.held;
      try_again(call, verdict.wait);
    }
  }
  pump(receiver);
  pump_starved();
}

// A receiver that takes again what it had not taken is not made to wait for the rest of that, unless somebody
// has said when it shall be tried.
void Webhooks::taken(Receiver& receiver, const WebhookConfig& webhook, bool recovered) {
  const bool was_down = recovered || is_down(receiver, webhook);
  receiver.troubles = 0;
  receiver.why.clear();
  if (!was_down || !is_default(webhook.retries)) return;
  for (auto& [number, call] : receiver.queue.calls()) {
    if (!call.under_way && !call.held) try_again(call, 0);
  }
}

void Webhooks::end(Receiver& receiver, WebhookCall& call, bool dead) {
  const Millis now = loop_.now().wall;
  const std::size_t rows = call.parted_after > 0 ? 1 : call.rows.size();
  for (std::size_t i = 0; i < rows; ++i)
    unsaved_.push_back({call.rows[i], dead, call.failures, call.why, now});
  save_within(kSaveWithin);
  if (rows == call.rows.size()) return receiver.queue.end(call);
  receiver.queue.end_first(call);
  call.failures = call.parted_after;
  call.held = false;
  try_again(call, 0);
}

void Webhooks::try_again(WebhookCall& call, Millis wait) {
  const Instant now = loop_.now();
  call.due = now.mono + wait;
  call.next_try = now.wall + wait;
}

}  // namespace pigeond::gateway
