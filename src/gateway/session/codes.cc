#include "gateway/session/codes.h"

#include <algorithm>

namespace pigeond::gateway {

Codes::~Codes() {
  for (auto& [id, waiter] : waiting_) account_.loop().cancel(waiter.timer);
}

void Codes::ask(Millis wait, Reply<Qr> reply) {
  const auto id = next_++;
  Waiter waiter{std::move(reply)};
  waiter.timer = account_.loop().after(wait, [this, id] {
    account_.later([this, id] {
      auto late = waiting_.extract(id);
      if (late.empty()) return;
      late.mapped().timer = 0;
      answer(late.mapped(), none());
    });
  });
  waiting_.emplace(id, std::move(waiter));
}

Error Codes::none() const {
  if (account_.closing()) return fail(Cause::shutting_down, "the gateway is stopping");
  return fail(Cause::not_linked);
}

void Codes::answer(Waiter& waiter, Result<Qr> result) {
  account_.loop().cancel(std::exchange(waiter.timer, 0));
  account_.answer<Qr>(std::move(waiter.reply), std::move(result));
}

void Codes::settle() {
  if (waiting_.empty()) return;
  const SessionStatus current = account_.status();
  if (current == SessionStatus::starting) return;
  const engine::Engine* engine = account_.engine();
  const auto* shown = engine != nullptr && engine->qr() ? &*engine->qr() : nullptr;
  if (current == SessionStatus::pairing && shown == nullptr) return;
  for (auto& [id, waiter] : std::exchange(waiting_, {})) {
    if (current == SessionStatus::pairing) {
      answer(waiter, Qr{shown->text, std::max<Millis>(shown->expires - account_.now().mono, 0)});
    } else {
      answer(waiter, none());
    }
  }
}

void Codes::close(const Error& why) {
  for (auto& [id, waiter] : std::exchange(waiting_, {})) answer(waiter, why);
}

}  // namespace pigeond::gateway
