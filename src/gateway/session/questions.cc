#include "gateway/session/questions.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace pigeond::gateway {

Questions::~Questions() {
  for (auto& [number, flight] : flights_)
    for (auto& waiter : flight.waiters) account_.loop().cancel(waiter.timer);
}

Status Questions::able(const Asking& asking) const {
  if (account_.closing()) return fail(Cause::shutting_down, "the gateway is stopping");
  const SessionStatus status = account_.status();
  const engine::Engine* engine = account_.engine();
  const bool able = engine != nullptr &&
                    (asking.pairing ? is_linking(status)
                                    : engine->credentials().linked() && (status == SessionStatus::working ||
                                                                         status == SessionStatus::starting));
  if (!able) return fail(Cause::not_linked);
  if (account_.callers() >= limits::kPendingSends)
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  return {};
}

void Questions::ask(Asking asking, Millis deadline, Reply<Found> reply) {
  if (auto status = able(asking); !status) return account_.answer<Found>(std::move(reply), status.error());
  if (!asking.once.empty()) {
    const auto under_way =
        std::ranges::find_if(flights_, [&](const auto& entry) { return entry.second.once == asking.once; });
    if (under_way != flights_.end())
      return join(under_way->second, under_way->first, deadline, std::move(reply));
  }
  const auto number = next_++;
  Flight& flight = flights_[number];
  flight.once = std::move(asking.once);
  join(flight, number, deadline, std::move(reply));
  // The answer may come at once.
  const auto answer = [this, number](const Result<Found>& found) { answered(number, found); };
  if (asking.pairing)
    return account_.engine()->ask_pairing(account_.now(),
                                          [&](engine::Pairing& pairing) { asking.pairing(pairing, answer); });
  account_.engine()->ask(account_.now(), [&](engine::Desk& desk) { asking.question(desk, answer); });
}

void Questions::join(Flight& flight, std::uint64_t number, Millis deadline, Reply<Found> reply) {
  Waiter& waiter = flight.waiters.emplace_back();
  waiter.id = next_++;
  waiter.reply = std::move(reply);
  waiter.timer = account_.loop().after(
      deadline, [this, number, id = waiter.id] { account_.later([this, number, id] { late(number, id); }); });
  ++waiters_;
}

void Questions::late(std::uint64_t number, std::uint64_t waiter) {
  const auto flight = flights_.find(number);
  if (flight == flights_.end()) return;
  auto& waiters = flight->second.waiters;
  const auto found = std::ranges::find(waiters, waiter, &Waiter::id);
  if (found == waiters.end()) return;
  account_.answer<Found>(std::move(found->reply), fail(Cause::timed_out, "no answer in time"));
  waiters.erase(found);
  --waiters_;
}

void Questions::answered(std::uint64_t number, const Result<Found>& answer) {
  auto flight = flights_.extract(number);
  if (flight.empty()) return;
  for (auto& waiter : flight.mapped().waiters) {
    account_.loop().cancel(waiter.timer);
    --waiters_;
    account_.answer<Found>(std::move(waiter.reply), answer);
  }
}

void Questions::close(const Error& why) {
  for (auto& [number, flight] : std::exchange(flights_, {})) {
    for (auto& waiter : flight.waiters) {
      account_.loop().cancel(waiter.timer);
      account_.answer<Found>(std::move(waiter.reply), why);
    }
  }
  waiters_ = 0;
}

}  // namespace pigeond::gateway
