// What callers ask of one session and wait for, besides texts: number checks, QR codes.
#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/session.h"

namespace pigeond::gateway {
Status Session::able_to_ask() const {
  if (!engine_ || ending_ || !working() || !engine_->credentials().linked())
    return fail(Cause::not_linked, "session status is " + std::string(status_name(status())));
  if (sends_.size() + checks_.size() >= limits::kPendingSends)
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  return {};
}

void Session::check_number(const std::string& digits, Millis deadline, Reply<NumberStatus> reply) {
  if (auto able = able_to_ask(); !able) return env_.host.answer<NumberStatus>(std::move(reply), able.error());
  const auto id = next_request_++;
  engine_->check_number(now(), id, digits);
  Check check{std::move(reply)};
  check.timer = loop().after(deadline, [this, id] {
    auto late = checks_.extract(id);
    if (late.empty()) return;
    env_.host.answer<NumberStatus>(std::move(late.mapped().reply),
                                   fail(Cause::timed_out, "no answer in time"));
  });
  checks_.emplace(id, std::move(check));
  env_.host.touched(*this);
}

void Session::qr(Millis wait, Reply<Qr> reply) {
  const auto id = next_request_++;
  QrWaiter waiter{std::move(reply)};
  waiter.timer = loop().after(wait, [this, id] {
    auto late = qr_waiters_.extract(id);
    if (late.empty()) return;
    late.mapped().timer = 0;
    answer_qr(late.mapped(),
              fail(Cause::not_linked, "session status is " + std::string(status_name(status()))));
  });
  qr_waiters_.emplace(id, std::move(waiter));
  env_.host.touched(*this);
}

void Session::answer_qr(QrWaiter& waiter, Result<Qr> result) {
  loop().cancel(std::exchange(waiter.timer, 0));
  env_.host.answer<Qr>(std::move(waiter.reply), std::move(result));
}

bool Session::answer_qr_waiters() {
  if (qr_waiters_.empty()) return false;
  const SessionStatus current = status();
  if (current == SessionStatus::starting) return false;
  const auto* shown = engine_ && engine_->qr() ? &*engine_->qr() : nullptr;
  if (current == SessionStatus::scan_qr_code && shown == nullptr) return false;
  for (auto& [id, waiter] : std::exchange(qr_waiters_, {})) {
    if (current == SessionStatus::scan_qr_code) {
      answer_qr(waiter, Qr{shown->text, std::max<Millis>(shown->expires - now().mono, 0)});
    } else {
      answer_qr(waiter, fail(Cause::not_linked, "session status is " + std::string(status_name(current))));
    }
  }
  return true;
}

void Session::close_checks(const Error& why) {
  for (auto& [id, check] : std::exchange(checks_, {})) {
    loop().cancel(check.timer);
    env_.host.answer<NumberStatus>(std::move(check.reply), why);
  }
}

void Session::handle(engine::NumberCheck& check) {
  auto found = checks_.extract(check.request);
  if (found.empty()) return;
  loop().cancel(found.mapped().timer);
  if (check.ok) {
    env_.host.answer<NumberStatus>(std::move(found.mapped().reply),
                                   NumberStatus{check.exists, check.pn, check.lid});
  } else {
    env_.host.answer<NumberStatus>(std::move(found.mapped().reply), check.error);
  }
}

}  // namespace pigeond::gateway
