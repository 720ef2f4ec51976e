// The table of a session's life: every pair and every triple of events from every phase, with a stand-in for
// the session that does what the steps say and keeps count of engines, times and callers.
#include "gateway/session/life.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pigeond::gateway {
namespace {

using E = LifeEvent;

std::vector<E> all_events() {
  std::vector<E> out;
  for (int i = 0; i < kLifeEvents; ++i) out.push_back(static_cast<E>(i));
  return out;
}
std::vector<Phase> all_phases() {
  std::vector<Phase> out;
  for (int i = 0; i < kPhases; ++i) out.push_back(static_cast<Phase>(i));
  return out;
}

struct Caller {
  bool removal = false;
  int answers = 0;
};

// A session without anything inside.
struct StandIn {
  Phase phase = Phase::stopped;
  bool engine = false, plan = false, limit = false, account = true, row = true;
  std::vector<Caller> callers;
  std::optional<E> last_call;                           // that was accepted
  bool gave_up = false, broke = false, closed = false;  // since then

  explicit StandIn(Phase at) : phase(at) {
    engine = at == Phase::running || is_unlinking(at) || is_parting(at);
    plan = at == Phase::planned || at == Phase::ill || at == Phase::removing;
    limit = is_unlinking(at);
    account = at != Phase::removing && at != Phase::gone;
    row = at != Phase::gone;
  }

  void answer(bool logouts, bool removals) {
    for (auto& caller : callers)
      if (caller.answers == 0 && (caller.removal ? removals : logouts)) ++caller.answers;
  }

  void on(E event) {
    const LifeMove move = life_move(phase, event);
    const auto has = [&](Steps one) { return (move.steps & one) != 0; };
    const bool waits =
        event == E::logout || event == E::remove || event == E::force_logout || event == E::force_remove;
    if (has(step::refuse)) {
      EXPECT_EQ(move.next, phase);
      if (waits) callers.push_back({event == E::remove || event == E::force_remove, 1});
      return;
    }
    if (is_call(event)) {
      last_call = event;
      gave_up = broke = false;
    }
    if (waits) callers.push_back({event == E::remove || event == E::force_remove});
    gave_up |= event == E::given_up && phase == Phase::running;
    broke |= event == E::broken;
    closed |= event == E::shutdown;
    if (event == E::due) plan = false;  // it has rung
    phase = move.next;
    if (event == E::broken) {  // nothing of the part is there, and so the row is
      answer(true, true);
    }
    if (has(step::call_off)) answer(false, true);
    if (has(step::pending)) {
      limit = false;
      answer(true, true);
    }
    if (has(step::stay)) plan = false;
    if (has(step::halt)) engine = plan = limit = false;
    if (has(step::erase)) {
      EXPECT_FALSE(engine) << "the rows of an engine that runs";
      account = false;
      answer(true, false);
    }
    if (has(step::launch) || has(step::revive)) engine = true;
    if (has(step::plan)) plan = true;
    if (has(step::ask)) {
      plan = false;
      engine = true;
      if (is_unlinking(phase)) limit = true;
    }
    if (has(step::settle)) plan = true;
    if (has(step::remove)) {
      row = false;
      answer(true, true);
    }
    if (has(step::close)) answer(true, true);
  }

  // What the service and the clock make of it; `confirms`: the service forgets devices when it is asked.
  void go_on(bool confirms) {
    for (int i = 0; i < 10; ++i) {
      if (is_unlinking(phase))
        on(confirms || !account ? E::unlinked : E::unconfirmed);  // nothing to unlink is unlinked
      else if (is_parting(phase) && plan)
        on(E::due);
      else if (is_parting(phase) && (confirms || !account))
        on(E::unlinked);
      else if (phase == Phase::removing)
        on(E::told);
      else if (plan)
        on(E::due);
      else
        return;
    }
    ADD_FAILURE() << "never comes to rest: " << phase_name(phase);
  }
};

// What holds in each phase, whatever led there.
void check(const StandIn& it, const std::string& way) {
  const bool waits = is_parting(it.phase) && it.plan;  // it was broken
  const bool needs_engine =
      it.phase == Phase::running || is_unlinking(it.phase) || (is_parting(it.phase) && !waits);
  EXPECT_EQ(it.engine, needs_engine) << way;
  const bool planned =
      it.phase == Phase::planned || it.phase == Phase::ill || it.phase == Phase::removing || waits;
  EXPECT_EQ(it.plan, planned) << way << ": a next step, and the time of it";
  EXPECT_EQ(it.limit, is_unlinking(it.phase)) << way << ": callers wait within a time";
  EXPECT_EQ(it.row, it.phase != Phase::gone) << way;
  for (const auto& caller : it.callers) {
    EXPECT_LE(caller.answers, 1) << way;
    if (!is_unlinking(it.phase) && it.phase != Phase::removing) {
      EXPECT_EQ(caller.answers, 1) << way << ": somebody waits for ever";
    }
  }
}

// That it has ended in what the last accepted call asked for, as far as the world allows.
void check_end(const StandIn& it, bool confirms, const std::string& way) {
  if (it.closed || !it.last_call) return;
  switch (*it.last_call) {
    case E::start:
    case E::restart:
      if (!confirms && it.phase == Phase::parting_start) break;  // a logout before it: once that is done
      EXPECT_EQ(it.phase, it.gave_up ? Phase::failed : Phase::running) << way;
      break;
    case E::stop:
      if (!confirms && is_parting(it.phase)) break;  // a logout before it was not confirmed: stopped then
      EXPECT_EQ(it.phase, Phase::stopped) << way;
      break;
    case E::logout:
      if (it.broke) break;  // and the caller was told so
      if (confirms) {
        EXPECT_FALSE(it.account) << way;
        EXPECT_TRUE(it.phase == Phase::stopped || it.phase == Phase::running || it.phase == Phase::failed)
            << way;
      } else {
        EXPECT_TRUE(is_parting(it.phase) || !it.account) << way;
      }
      break;
    case E::remove:
      if (it.broke) break;
      EXPECT_EQ(it.phase, confirms || !it.account ? Phase::gone : Phase::parting_gone) << way;
      break;
    case E::force_logout:
      EXPECT_FALSE(it.account) << way;
      EXPECT_TRUE(it.phase == Phase::stopped || it.phase == Phase::running || it.phase == Phase::failed)
          << way;
      break;
    case E::force_remove:
      if (!it.broke) {
        EXPECT_EQ(it.phase, Phase::gone) << way;
      }
      break;
    default:
      FAIL();
  }
}

void run(Phase from, const std::vector<E>& events) {
  for (const bool confirms : {true, false}) {
    StandIn it(from);
    std::string way = std::string(phase_name(from));
    check(it, way);
    for (const E event : events) {
      way += " > " + std::string(life_event_name(event));
      it.on(event);
      check(it, way);
    }
    it.go_on(confirms);
    check(it, way + " and then");
    check_end(it, confirms, way);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Life, AnyPairOfEventsEndsInWhatTheLastAcceptedCallAskedFor) {
  for (const Phase from : all_phases())
    for (const E a : all_events())
      for (const E b : all_events()) run(from, {a, b});
}

TEST(Life, AnyTripleOfEventsDoesSo) {
  for (const Phase from : all_phases())
    for (const E a : all_events())
      for (const E b : all_events())
        for (const E c : all_events()) {
          run(from, {a, b, c});
          if (HasFailure()) return;
        }
}

TEST(Life, FromEveryPhaseOfALivingSessionStartRestartStopAndRemovalLeadOut) {
  for (const Phase from : all_phases()) {
    if (from == Phase::gone || from == Phase::closed) continue;
    for (const auto& [event, end] :
         {std::pair(E::start, Phase::running), std::pair(E::restart, Phase::running),
          std::pair(E::stop, Phase::stopped), std::pair(E::remove, Phase::gone),
          std::pair(E::force_remove, Phase::gone)}) {
      StandIn it(from);
      it.on(event);
      it.go_on(true);
      EXPECT_EQ(it.phase, end) << phase_name(from) << " > " << life_event_name(event);
    }
  }
}

TEST(Life, ASessionThatIsGoneOrWhoseProcessEndsRefusesCalls) {
  for (const Phase from : {Phase::gone, Phase::closed})
    for (const E event : all_events())
      if (is_call(event)) {
        EXPECT_EQ(life_move(from, event), (LifeMove{from, step::refuse}));
      }
}

TEST(Life, TheRowSaysWhatARestartOfTheProgramHasToKnow) {
  for (const Phase phase : all_phases()) {
    if (phase == Phase::gone || phase == Phase::closed) continue;
    const Phase again = phase_of(runs(phase), parting(phase));
    EXPECT_EQ(runs(again), runs(phase)) << phase_name(phase);
    EXPECT_EQ(parting(again), parting(phase)) << phase_name(phase);
    StandIn it(again);
    it.engine = it.plan = false;  // as a process finds it
    it.on(E::boot);
    it.go_on(true);
    const Phase end = parting(phase) == Parting::removal ? Phase::gone
                      : runs(phase)                      ? Phase::running
                                                         : Phase::stopped;
    EXPECT_EQ(it.phase, end) << phase_name(phase);
  }
}

TEST(Life, AnUnlinkThatWasAnsweredAsPendingIsGoneOnWithAfterABreak) {
  for (const Phase from : {Phase::parting, Phase::parting_start, Phase::parting_gone, Phase::removing}) {
    StandIn it(from);
    it.on(E::broken);
    EXPECT_EQ(it.phase, from);
    EXPECT_TRUE(it.plan) << phase_name(from);
    it.go_on(true);
    const Phase end = from == Phase::parting         ? Phase::stopped
                      : from == Phase::parting_start ? Phase::running
                                                     : Phase::gone;
    EXPECT_EQ(it.phase, end) << phase_name(from);
    EXPECT_FALSE(it.account);
  }
}

TEST(Life, WhatABrokenPartMadeOfAnUnlinkIsUndone) {
  EXPECT_EQ(phase_after_break(Phase::parting, Phase::stopped), Phase::parting);
  EXPECT_EQ(phase_after_break(Phase::parting_start, Phase::running), Phase::parting_start);
  EXPECT_EQ(phase_after_break(Phase::parting_gone, Phase::removing), Phase::parting_gone);
  EXPECT_EQ(phase_after_break(Phase::removing, Phase::gone), Phase::removing);
  EXPECT_EQ(phase_after_break(Phase::running, Phase::removing), Phase::running);
  EXPECT_EQ(phase_after_break(Phase::running, Phase::stopped), Phase::stopped);
  for (const Phase before : all_phases()) EXPECT_EQ(phase_after_break(before, Phase::closed), Phase::closed);
}

TEST(Life, AnUnlinkThatNobodyConfirmedIsCalledOffByAStartAndByAStop) {
  for (const Phase from : {Phase::parting, Phase::parting_start, Phase::parting_gone}) {
    StandIn it(from);
    it.on(E::start);
    EXPECT_EQ(it.phase, Phase::running);
    EXPECT_TRUE(it.account);
    StandIn other(from);
    other.on(E::stop);
    EXPECT_EQ(other.phase, Phase::stopped);
    EXPECT_TRUE(other.account);
  }
}

}  // namespace
}  // namespace pigeond::gateway
