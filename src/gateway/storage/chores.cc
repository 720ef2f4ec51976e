#include "gateway/storage/chores.h"

#include <algorithm>
#include <utility>

#include "gateway/idempotency.h"
#include "store/erasing.h"
#include "store/events.h"
#include "store/messages/idempotency_keys.h"
#include "store/messages/pruning.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kFirst = 2 * kMinute;
constexpr Millis kPass = kHour;           // between passes for what is old
constexpr Millis kStep = 100;             // between steps by the timer
constexpr std::int64_t kMore = 16;        // rows that a step takes beyond what came in
constexpr std::int64_t kLeast = 16;       // rows of a step, however slow the disk is
constexpr Millis kLong = 20, kShort = 5;  // ms of a step with its commit: then the next is smaller, or larger
constexpr int kLooks = 8;                 // of a step at messages
constexpr std::int64_t kEndedAtMost = 256;  // outcomes since the log was clean

}  // namespace

void Chores::start() {
  if (store::is_erasing(database_)) return plan(kStep);
  plan(kFirst);
}

void Chores::plan(Millis delay) {
  const Millis due = loop_.now().mono + delay;
  if (timer_ != 0 && due_ <= due) return;
  loop_.cancel(timer_);
  due_ = due;
  timer_ = loop_.at(due, [this] {
    timer_ = 0;
    turn();
  });
}

void Chores::turn() {
  if (database_.closed()) return plan(kPass);
  if (!passes() && !store::is_erasing(database_)) begin_pass();
  stepped_at_ = loop_.now().mono;
  const std::int64_t others = database_.rows_changed() - counted_;
  const bool goes_on = step(rows_) > 0 || passes();
  counted_ = database_.rows_changed() - others;
  plan(goes_on ? kStep : kPass);
}

Millis Chores::before(Millis keep) const {
  const Instant now = loop_.now();
  return keep > 0 && clock_.plausible(now) ? now.wall - keep : 0;
}

void Chores::begin_pass() {
  messages_pass_ = options_.keep > 0 || options_.keep_messages > 0;
  events_pass_ = options_.keep_events > 0 || options_.most_events > 0;
  deliveries_pass_ = keys_pass_ = true;
  message_pass_ = key_pass_ = event_pass_ = 0;
}

void Chores::collect() {
  if (database_.closed()) return;
  const std::int64_t changed = database_.rows_changed() - counted_;
  if (changed <= 0) return;
  worth_ += changed;
  if (worth_ >= kTogether) step(std::min(std::exchange(worth_, 0) + kMore, kMost));
  counted_ = database_.rows_changed();
  if (store::is_erasing(database_) || passes() || webhooks_.ended() - ended_ >= kEndedAtMost) plan(kStep);
}

void Chores::committed() {
  counted_ = 0;
  if (stepped_at_ == 0) return;
  const Millis took = loop_.now().mono - std::exchange(stepped_at_, 0);
  if (took > kLong) rows_ = std::max(rows_ / 2, kLeast);
  if (took < kShort) rows_ = std::min(rows_ * 2, kMost);
}

// What was thought to be gone is there: looked at once more from the beginning, and not while a disk that
// fails has other worries.
void Chores::rolled_back() {
  counted_ = stepped_at_ = 0;
  message_seq_ = message_pass_ = key_pass_ = event_seq_ = event_pass_ = 0;
  loop_.cancel(std::exchange(timer_, 0));
  plan(kMinute);
}

void Chores::start_over() {
  rolled_back();
  erasing_ = false;  // another connection
  ended_ = webhooks_.ended();
  worth_ = 0;
  plan(kFirst);
}

std::int64_t Chores::step(std::int64_t rows) {
  const bool erasing = store::is_erasing(database_);
  if (std::exchange(erasing_, erasing) != erasing) store::pace_checkpoints(database_, erasing);
  std::int64_t gone = messages(rows);
  gone += deliveries(std::max(rows - gone, kMore));
  gone += events(std::max(rows - gone, kMore));
  gone += keys(std::max(rows - gone, kMore));
  gone += store::erase_step(database_, std::max(rows - gone, kMore));
  return gone;
}

std::int64_t Chores::messages(std::int64_t rows) {
  std::int64_t gone = 0;
  const std::int64_t last = store::last_beyond(database_, options_.keep_messages);
  const std::int64_t before_oldest = last > message_seq_ ? store::oldest_message(database_) - 1 : last;
  // What waits in the outbox is looked over, and not taken for what was to go.
  for (int looks = 0; looks < kLooks && gone < rows && last > std::max(message_seq_, before_oldest);
       ++looks) {
    const store::MessageBounds bounds{0, options_.keep_messages};
    const auto done =
        store::prune_messages(database_, bounds, message_seq_, static_cast<std::size_t>(rows - gone));
    message_seq_ = done.next != 0 ? std::min(done.next, last) : last;
    gone += done.rows;
  }
  if (!messages_pass_ || gone >= rows) return gone;
  const Millis old = before(options_.keep);
  const store::MessageBounds bounds{old / kSecond, options_.keep_messages};
  const auto done =
      store::prune_messages(database_, bounds, message_pass_, static_cast<std::size_t>(rows - gone));
  message_pass_ = done.next;
  messages_pass_ = done.next != 0;
  return gone + done.rows;
}

// What deliveries hold is looked over, and goes in a later pass.
std::int64_t Chores::events(std::int64_t rows) {
  std::int64_t gone = 0;
  const std::int64_t last = store::last_event_beyond(database_, options_.most_events);
  const std::int64_t before_oldest = last > event_seq_ ? store::oldest_event(database_) - 1 : last;
  for (int looks = 0; looks < kLooks && gone < rows && last > std::max(event_seq_, before_oldest); ++looks) {
    const store::EventBounds bounds{0, options_.most_events};
    const auto done =
        store::prune_events(database_, bounds, event_seq_, static_cast<std::size_t>(rows - gone));
    event_seq_ = done.next != 0 ? std::min(done.next, last) : last;
    gone += done.rows;
  }
  if (!events_pass_ || gone >= rows) return gone;
  const store::EventBounds bounds{before(options_.keep_events), options_.most_events};
  const auto done =
      store::prune_events(database_, bounds, event_pass_, static_cast<std::size_t>(rows - gone));
  event_pass_ = done.next;
  events_pass_ = done.next != 0;
  return gone + done.rows;
}

std::int64_t Chores::deliveries(std::int64_t rows) {
  const auto ended = webhooks_.ended();
  if (!deliveries_pass_ && ended - ended_ < kEndedAtMost) return 0;
  const auto gone = webhooks_.prune(before(options_.keep), static_cast<std::size_t>(rows));
  deliveries_pass_ = gone > 0;
  if (gone == 0) ended_ = ended;
  return gone;
}

std::int64_t Chores::keys(std::int64_t rows) {
  if (!keys_pass_) return 0;
  const Instant now = loop_.now();
  if (!clock_.plausible(now)) {
    keys_pass_ = false;
    return 0;
  }
  const auto done = store::prune_idempotency_keys(database_, {now.wall, Idempotency::kKept}, key_pass_,
                                                  static_cast<std::size_t>(rows));
  key_pass_ = done.next;
  keys_pass_ = done.next != 0;
  return done.rows;
}

}  // namespace pigeond::gateway
