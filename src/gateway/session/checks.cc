#include "gateway/session/checks.h"

#include "base/limits.h"

namespace pigeond::gateway {

Checks::~Checks() {
  for (auto& [id, waiter] : waiting_) account_.loop().cancel(waiter.timer);
}

Status Checks::able() const {
  if (account_.closing()) return fail(Cause::shutting_down, "the gateway is stopping");
  const SessionStatus status = account_.status();
  if (account_.engine() == nullptr || !account_.engine()->credentials().linked() ||
      (status != SessionStatus::working && status != SessionStatus::starting))
    return fail(Cause::not_linked, account_.status_text());
  if (account_.callers() >= limits::kPendingSends)
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  return {};
}

void Checks::ask(const std::string& digits, Millis deadline, Reply<NumberStatus> reply) {
  if (auto status = able(); !status) return account_.answer<NumberStatus>(std::move(reply), status.error());
  const auto id = next_++;
  account_.engine()->check_number(account_.now(), id, digits);
  Waiter waiter{std::move(reply)};
  waiter.timer = account_.loop().after(deadline, [this, id] {
    account_.later([this, id] {
      auto late = waiting_.extract(id);
      if (late.empty()) return;
      account_.answer<NumberStatus>(std::move(late.mapped().reply),
                                    fail(Cause::timed_out, "no answer in time"));
    });
  });
  waiting_.emplace(id, std::move(waiter));
}

void Checks::answered(const engine::NumberCheck& check) {
  auto found = waiting_.extract(check.request);
  if (found.empty()) return;
  account_.loop().cancel(found.mapped().timer);
  if (check.ok) {
    account_.answer<NumberStatus>(std::move(found.mapped().reply),
                                  NumberStatus{check.exists, check.pn, check.lid});
  } else {
    account_.answer<NumberStatus>(std::move(found.mapped().reply), check.error);
  }
}

void Checks::close(const Error& why) {
  for (auto& [id, waiter] : std::exchange(waiting_, {})) {
    account_.loop().cancel(waiter.timer);
    account_.answer<NumberStatus>(std::move(waiter.reply), why);
  }
}

}  // namespace pigeond::gateway
