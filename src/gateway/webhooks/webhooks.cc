#include "gateway/webhooks/webhooks.h"

#include <algorithm>

#include "base/limits.h"
#include "gateway/webhooks/target.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kSaveWithin = kSecond;
constexpr Millis kSaveAgain = 5 * kSecond;   // after a failed commit
constexpr std::size_t kUnsavedAtMost = 256;  // outcomes

}  // namespace

Webhooks::Receiver::Receiver(store::Database& database, std::int64_t row, std::int64_t session,
                             const std::string& url)
    : queue(database, row, session, url), host(webhook_host(url)) {}

Webhooks::Webhooks(net::Loop& loop, net::HttpSender& http, store::Database& database, const EventTexts& texts,
                   Random& random, Options options, ConfigOf config_of)
    : loop_(loop),
      http_(http),
      database_(database),
      texts_(texts),
      random_(random),
      options_(std::move(options)),
      config_of_(std::move(config_of)) {}

Webhooks::~Webhooks() {
  for (auto& [row, receiver] : receivers_) loop_.cancel(receiver.timer);
  loop_.cancel(save_timer_);
  loop_.cancel(wake_timer_);
}

void Webhooks::resume() {
  take_up(store::webhook_queues(database_));
}

void Webhooks::resume(std::int64_t session) {
  take_up(store::webhook_queues(database_, session));
}

void Webhooks::take_up(const std::vector<store::WebhookQueueRow>& rows) {
  for (const auto& row : rows) {
    Receiver& receiver = insert(row.queue, row.session, row.url);
    receiver.queue.load();
    touch(receiver);
  }
}

void Webhooks::start_over() {
  while (!receivers_.empty()) erase(receivers_.begin()->first);
  touched_.clear();
  part_.clear();
  part_created_.clear();
  starved_.clear();
  unshown_.clear();
  unsaved_.clear();
  saving_ = 0;
  save_due_ = false;
  loop_.cancel(std::exchange(save_timer_, 0));
  resume();
}

// --- the receivers ---

Webhooks::Receiver& Webhooks::insert(std::int64_t row, std::int64_t session, const std::string& url) {
  by_url_[{session, url}] = row;
  const auto [at, fresh] = receivers_.try_emplace(row, database_, row, session, url);
  if (fresh) board_.opened(session);
  return at->second;
}

// nullptr: there is none, and its row could not be written.
Webhooks::Receiver* Webhooks::open(std::int64_t session, const std::string& url) {
  const auto found = by_url_.find({session, url});
  if (found != by_url_.end() && !receivers_.at(found->second).removed) return &receivers_.at(found->second);
  const std::int64_t row = store::add_webhook_queue(database_, session, url);
  if (database_.failed()) return nullptr;
  Receiver& receiver = insert(row, session, url);
  receiver.created = true;
  touch(receiver);  // whatever comes of it: it is committed, or nobody knows it
  return &receiver;
}

void Webhooks::erase(std::int64_t row) {
  Receiver& receiver = receivers_.at(row);
  for (const auto& [number, call] : receiver.queue.calls()) {
    if (!call.under_way) continue;
    http_.cancel(call.request);
    under_way(receiver, -1);
    if (wake_timer_ == 0) wake_timer_ = loop_.after(0, [this] { pump_starved(); });
  }
  loop_.cancel(receiver.timer);
  const auto at = by_url_.find({receiver.queue.session(), receiver.queue.url()});
  if (at != by_url_.end() && at->second == row) by_url_.erase(at);
  board_.closed(receiver.queue.session(), row);
  receivers_.erase(row);
}

Webhooks::Receiver* Webhooks::find(std::int64_t row) {
  const auto found = receivers_.find(row);
  return found == receivers_.end() ? nullptr : &found->second;
}

void Webhooks::touch(Receiver& receiver) {
  if (!std::exchange(receiver.touched, true)) touched_.push_back(receiver.queue.row());
}

const WebhookConfig* Webhooks::config_of(const Receiver& receiver) const {
  const SessionConfig* config = config_of_(receiver.queue.session());
  if (config == nullptr) return nullptr;
  const auto found =
      std::find_if(config->webhooks.begin(), config->webhooks.end(),
                   [&](const WebhookConfig& webhook) { return webhook.url == receiver.queue.url(); });
  return found == config->webhooks.end() ? nullptr : &*found;
}

void Webhooks::forget(std::int64_t session) {
  std::vector<std::int64_t> rows;
  for (const auto& [row, receiver] : receivers_) {
    if (receiver.queue.session() == session) rows.push_back(row);
  }
  for (const std::int64_t row : rows) erase(row);
}

// --- the tick ---

// The line of an event's chat. Events from before its two addresses were known to be one may wait under the
// other one: it joins them; where some wait under each, it goes after all and before the rest.
std::int64_t Webhooks::line_for(const Receiver& receiver, const WebhookLine& line) {
  if (!line.other) return line.line;
  const std::int64_t first = store::webhook_id(receiver.queue.row(), 0);
  const std::int64_t end = store::webhook_id(receiver.queue.row() + 1, 0);
  const auto waits = [&](std::int64_t in) {
    return store::next_in_webhook_line(database_, in, first, end).has_value();
  };
  if (!waits(*line.other)) return line.line;
  return waits(line.line) ? store::kAlone : *line.other;
}

std::int64_t Webhooks::deliveries_of(const SessionConfig& config, std::span<const Topic> topics) {
  std::int64_t count = 0;
  for (const Topic topic : topics)
    count += std::count_if(config.webhooks.begin(), config.webhooks.end(),
                           [&](const WebhookConfig& webhook) { return webhook.topics.has(topic); });
  return count;
}

void Webhooks::add(std::int64_t session, const SessionConfig& config, std::span<const Topic> topics,
                   std::int64_t event, const WebhookLine& line) {
  for (std::size_t telling = 0; telling < topics.size(); ++telling) {
    for (const auto& webhook : config.webhooks) {
      if (!webhook.topics.has(topics[telling])) continue;
      const std::size_t known = receivers_.size();
      Receiver* receiver = open(session, webhook.url);
      if (receiver == nullptr) return;  // what has failed is rolled back as a whole
      if (receivers_.size() > known) part_created_.push_back(receiver->queue.row());
      touch(*receiver);
      part_.push_back(receiver->queue.row());
      const std::int64_t in = line_for(*receiver, line);
      store::add_webhook_delivery(database_, {receiver->queue.add(), 0, event, static_cast<int>(telling)},
                                  in);
    }
  }
}

void Webhooks::part_ended(bool stands) {
  for (const std::int64_t row : std::exchange(part_, {})) {
    Receiver& receiver = receivers_.at(row);
    receiver.queue.part_ended(stands);
    while (stands && receiver.queue.over() && make_room(receiver)) {
    }
  }
  const auto created = std::exchange(part_created_, {});
  if (!stands) forget_created(created);
}

// Their rows were not written. One that was to go is there again, also where a new one of its URL had
// followed in the same tick.
void Webhooks::forget_created(const std::vector<std::int64_t>& rows) {
  for (const std::int64_t row : rows) erase(row);
  if (rows.empty()) return;
  for (const auto& [row, receiver] : receivers_)
    by_url_.try_emplace({receiver.queue.session(), receiver.queue.url()}, row);
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
    for (std::size_t i = 0; i < saving_; ++i) {
      if (Receiver* receiver = find(store::webhook_queue_of(unsaved_[i].id))) {
        receiver->queue.saved(unsaved_[i].id);
        changed(*receiver);
      }
    }
    unsaved_.erase(unsaved_.begin(), unsaved_.begin() + static_cast<std::ptrdiff_t>(saving_));
    ended_ += static_cast<std::int64_t>(std::exchange(saving_, 0));
    save_due_ = false;
    loop_.cancel(std::exchange(save_timer_, 0));
    if (!unsaved_.empty()) save_within(kSaveWithin);
  }
  for (const std::int64_t row : std::exchange(touched_, {})) {
    Receiver* receiver = find(row);
    if (receiver == nullptr) continue;
    if (receiver->removed) {
      erase(row);
      continue;
    }
    receiver->queue.committed();
    receiver->created = receiver->touched = false;
    pump(*receiver);
  }
  show_changed();
}

void Webhooks::rolled_back() {
  if (!unsaved_.empty()) {
    saving_ = 0;
    save_due_ = false;
    loop_.cancel(std::exchange(save_timer_, 0));
    save_within(kSaveAgain);
  }
  touched_.clear();
  part_.clear();
  part_created_.clear();
  std::vector<std::int64_t> created;
  for (auto& [row, receiver] : receivers_) {
    receiver.touched = receiver.removed = false;
    receiver.queue.rolled_back();
    if (receiver.created) {
      created.push_back(row);
    } else if (receiver.queue.pending() > 0) {
      touch(receiver);  // what waits is still to be sent
    }
  }
  forget_created(created);
  show_changed();
}

void Webhooks::save_within(Millis time) {
  if (save_timer_ != 0) return;
  save_timer_ = loop_.after(time, [this] {
    save_timer_ = 0;
    save_due_ = true;
  });
}

// --- what is shown ---

void Webhooks::changed(Receiver& receiver) {
  if (!std::exchange(receiver.unshown, true)) unshown_.push_back(receiver.queue.row());
}

void Webhooks::show_changed() {
  for (const std::int64_t row : std::exchange(unshown_, {})) {
    Receiver* receiver = find(row);
    if (receiver == nullptr) continue;
    receiver->unshown = false;
    // What has an outcome shows it once that is a row, and not before in the number of those that wait.
    ShownQueue shown{receiver->queue.pending() + receiver->queue.unsaved(), 0, receiver->why, {}};
    for (auto& [number, call] : receiver->queue.calls()) {
      if (call.next_try != 0 && (shown.next_try_ms == 0 || call.next_try < shown.next_try_ms))
        shown.next_try_ms = call.next_try;
      if (call.failures > 0) shown.troubles.push_back(trouble_of(call));
    }
    board_.put(row, std::move(shown));
  }
}

std::shared_ptr<const ShownQueue::Trouble> Webhooks::trouble_of(WebhookCall& call) {
  const auto& known = call.shown;
  if (known == nullptr || known->rows.size() != call.rows.size() || known->tries != call.failures ||
      known->next_try_ms != call.next_try || known->why != call.why)
    call.shown = std::make_shared<const ShownQueue::Trouble>(
        ShownQueue::Trouble{call.rows, call.failures, call.why, call.next_try});
  return call.shown;
}

}  // namespace pigeond::gateway
