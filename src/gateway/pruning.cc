#include "gateway/pruning.h"

#include "store/message_pruning.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kFirst = 2 * kMinute;
constexpr Millis kPass = kHour;       // between passes that find nothing
constexpr Millis kStep = 250;         // between steps
constexpr std::int64_t kBusy = 10;    // commits within kStep
constexpr int kPostponedAtMost = 40;  // then it is done nevertheless: a busy gateway fills its disk too
constexpr std::size_t kMessages = 32,
                      kRows = 64;  // of a step: some hundred pages at most, as keys lie scattered

}  // namespace

void Pruning::start() {
  plan(kFirst);
}

void Pruning::plan(Millis delay) {
  loop_.cancel(timer_);
  commits_ = database_.commits();
  timer_ = loop_.after(delay, [this] { turn(); });
}

void Pruning::soon() {
  if (!std::exchange(soon_, true)) plan(kStep);
}

void Pruning::turn() {
  soon_ = true;
  if (database_.commits() - commits_ > kBusy && postponed_ < kPostponedAtMost) {
    ++postponed_;
    return plan(kStep);
  }
  postponed_ = 0;
  if (step() > 0) return plan(kStep);
  soon_ = false;
  plan(kPass);
}

std::int64_t Pruning::step() {
  const Millis now = loop_.now().wall;
  store::MessageBounds bounds;
  bounds.before = options_.keep == 0 ? 0 : (now - options_.keep) / kSecond;
  bounds.keep = options_.keep_messages;
  const auto messages = store::prune_messages(database_, bounds, messages_, kMessages);
  messages_ = messages.next;
  const auto ended = webhooks_.ended();
  const auto deliveries = webhooks_.prune(options_.keep == 0 ? 0 : now - options_.keep, kRows);
  if (deliveries == 0) ended_ = ended;
  return messages.rows + deliveries;
}

}  // namespace pigeond::gateway
