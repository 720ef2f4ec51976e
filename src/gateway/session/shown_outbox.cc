#include "gateway/session/shown_outbox.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kFew = 100;  // messages
constexpr Millis kBetween = 250;   // looks at more of them

}  // namespace

std::shared_ptr<const Standings> ShownOutbox::look() {
  const engine::Engine* engine = account_.engine();
  const std::size_t waiting = engine != nullptr ? engine->waiting() : 0;
  if (waiting == 0) {
    again_.stop();
    last_.reset();
    return nullptr;
  }
  const Millis mono = account_.now().mono;
  if (waiting > kFew && last_ != nullptr && mono - looked_ < kBetween) {
    if (!again_.is_set()) again_.set_at(looked_ + kBetween, [] {});
    return last_;
  }
  looked_ = mono;
  auto standings = engine->standings();
  last_ = standings.empty() ? nullptr : std::make_shared<const Standings>(std::move(standings));
  return last_;
}

}  // namespace pigeond::gateway
