#include "engine/messages/out/pacing.h"

#include <algorithm>

namespace pigeond::engine {
namespace {

constexpr std::size_t kRemembered = 10000;  // chats that are known

// Where the virtual clock of next_turn() can be at most: a later one was kept by a clock that was ahead.
Millis furthest(const Pace& pace, Millis now) {
  return now + static_cast<Millis>(pace.burst + 1) * pace.step;
}

// A bucket of `burst` tokens is the same as a virtual clock that each message moves on by a step, and that
// may run ahead of the real one by burst - 1 steps (GCRA, ITU-T I.371): one number to keep instead of two.
// `today`: when others went, of the last 24 hours, ascending.
Millis turn_after(const Pace& pace, Millis now, Millis clock, const std::vector<Millis>& today,
                  std::size_t ahead) {
  const Millis slack = static_cast<Millis>(pace.burst - 1) * pace.step;
  Millis turn = std::max(now, clock + static_cast<Millis>(ahead) * pace.step - slack);
  const std::size_t place = today.size() + ahead;
  if (place >= pace.daily) {
    const std::size_t blocking = place - pace.daily;  // the one that has to be a day old
    const Millis frees = blocking < today.size() ? std::min(today[blocking], now) : turn;
    turn = std::max(turn, frees + kDay);
  }
  return turn;
}

}  // namespace

std::optional<Pace> pace_of(PacingPolicy policy) {
  switch (policy) {
    case PacingPolicy::off:
      return std::nullopt;
    case PacingPolicy::standard:
      return Pace{10, 45 * kSecond, 200};
    case PacingPolicy::strict:
      return Pace{2, 3 * kMinute, 40};
  }
  return std::nullopt;
}

// In one form of its JID. The first message of somebody who follows an advertisement comes without a content:
// who answers it is no stranger to them.
bool Pacing::has_contact(const wire::Jid& form) {
  return rows_.has(form) || desk_.messages.was_answered(form) || unread_.wrote(form);
}

bool Pacing::is_known(const wire::Jid& user) {
  if (desk_.lids.is_own(user)) return true;
  const std::string name = desk_.lids.canonical(user.without_device()).text();
  if (known_.contains(name)) return true;
  const Forms forms = forms_of(desk_, user);
  for (const wire::Jid& form : {forms.pn, forms.lid, user.without_device()}) {
    if (form.empty() || !has_contact(form)) continue;
    if (known_.size() >= kRemembered) known_.clear();
    known_.insert(name);
    return true;
  }
  return false;
}

bool Pacing::is_free(const wire::Jid& user) {
  return !pace_of(desk_.context.pacing) || is_known(user);
}

Millis Pacing::next_turn(std::size_t ahead) {
  const auto pace = pace_of(desk_.context.pacing);
  const Millis now = desk_.context.now.wall;
  if (!pace) return now;
  return turn_after(*pace, now, std::min(rows_.clock(), furthest(*pace, now)), rows_.since(now - kDay),
                    ahead);
}

std::vector<Millis> Pacing::next_turns(std::size_t count) {
  const auto pace = pace_of(desk_.context.pacing);
  const Millis now = desk_.context.now.wall;
  std::vector<Millis> turns(count, now);
  if (!pace) return turns;
  const Millis clock = std::min(rows_.clock(), furthest(*pace, now));
  const auto today = rows_.since(now - kDay);
  for (std::size_t ahead = 0; ahead < count; ++ahead)
    turns[ahead] = turn_after(*pace, now, clock, today, ahead);
  return turns;
}

Millis Pacing::jitter() {
  const auto pace = pace_of(desk_.context.pacing);
  return pace ? static_cast<Millis>(desk_.context.random.below(static_cast<std::uint64_t>(pace->step / 2)))
              : 0;
}

bool Pacing::admit(const wire::Jid& user) {
  const auto pace = pace_of(desk_.context.pacing);
  if (is_free(user)) return true;
  const Millis now = desk_.context.now.wall;
  // Times out of the future are a clock's that was set back since: to wait for them could take years, and to
  // call them now at each look would wait for ever.
  if (rows_.clock() > furthest(*pace, now)) rows_.bring_back(now, furthest(*pace, now));
  if (next_turn() > now) return false;
  rows_.forget_before(now - 30 * kDay);
  rows_.insert(
      desk_.lids.canonical(user.without_device()), now,
      std::clamp(rows_.clock(), now, now + pace->step * static_cast<Millis>(pace->burst)) + pace->step);
  return true;
}

}  // namespace pigeond::engine
