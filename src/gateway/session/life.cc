#include "gateway/session/life.h"

#include <array>
#include <initializer_list>

namespace pigeond::gateway {
namespace {

using enum Phase;
using E = LifeEvent;

// Phases as a set, so that a line of the table may speak of several.
using Phases = std::uint32_t;
constexpr Phases in(std::initializer_list<Phase> phases) {
  Phases out = 0;
  for (const Phase phase : phases) out |= 1u << static_cast<unsigned>(phase);
  return out;
}

constexpr Phases kAtRest = in({stopped, planned, failed, ill});  // no engine
constexpr Phases kOver = in({gone, closed});

struct Row {
  E event;
  Phases from;
  Phase next;
  Steps steps;
};

constexpr Row kRows[] = {
    {E::boot, in({planned}), planned, step::plan},
    {E::boot, in({parting}), parting, step::ask},
    {E::boot, in({parting_start}), parting_start, step::ask},
    {E::boot, in({parting_gone}), parting_gone, step::ask},

    {E::start, kAtRest, running, step::halt | step::launch},
    {E::start, in({running}), running, step::revive},
    {E::start, in({unlinking, unlinking_start}), unlinking_start, step::none},
    {E::start, in({unlinking_gone}), unlinking_start, step::call_off},
    {E::start, in({parting, parting_start, parting_gone}), running, step::stay | step::revive},
    {E::start, in({removing}), running, step::call_off | step::halt | step::launch},
    {E::start, kOver, gone, step::refuse},

    {E::stop, kAtRest | in({running, parting, parting_start, parting_gone}), stopped, step::halt},
    {E::stop, in({unlinking, unlinking_start}), unlinking, step::none},
    {E::stop, in({unlinking_gone}), unlinking, step::call_off},
    {E::stop, in({removing}), stopped, step::call_off | step::halt},
    {E::stop, kOver, gone, step::refuse},

    {E::restart, kAtRest | in({running, parting, parting_start, parting_gone}), running,
     step::halt | step::launch},
    {E::restart, in({unlinking, unlinking_start}), unlinking_start, step::none},
    {E::restart, in({unlinking_gone}), unlinking_start, step::call_off},
    {E::restart, in({removing}), running, step::call_off | step::halt | step::launch},
    {E::restart, kOver, gone, step::refuse},

    {E::logout, in({stopped, unlinking, parting, parting_gone}), unlinking, step::ask},
    {E::logout, in({planned, running, failed, ill, unlinking_start, parting_start}), unlinking_start,
     step::ask},
    {E::logout, in({unlinking_gone}), unlinking, step::call_off},
    {E::logout, in({removing}), stopped, step::call_off | step::halt | step::erase},
    {E::logout, kOver, gone, step::refuse},

    {E::remove, kAtRest | in({running, parting, parting_start, parting_gone}), unlinking_gone, step::ask},
    {E::remove, in({unlinking, unlinking_start, unlinking_gone}), unlinking_gone, step::none},
    {E::remove, in({removing}), removing, step::none},
    {E::remove, kOver, gone, step::refuse},

    {E::force_logout, in({stopped, unlinking, parting, parting_gone}), stopped,
     step::farewell | step::halt | step::erase},
    {E::force_logout, in({planned, running, failed, ill, unlinking_start, parting_start}), running,
     step::farewell | step::halt | step::erase | step::launch},
    {E::force_logout, in({unlinking_gone, removing}), stopped,
     step::call_off | step::farewell | step::halt | step::erase},
    {E::force_logout, kOver, gone, step::refuse},

    {E::force_remove,
     kAtRest |
         in({running, unlinking, unlinking_start, unlinking_gone, parting, parting_start, parting_gone}),
     removing, step::farewell | step::halt | step::erase | step::settle},
    {E::force_remove, in({removing}), gone, step::halt | step::remove},
    {E::force_remove, kOver, gone, step::refuse},

    {E::shutdown,
     kAtRest | in({running, unlinking, unlinking_start, unlinking_gone, parting, parting_start, parting_gone,
                   removing}),
     closed, step::halt | step::close},

    {E::due, in({planned, ill}), running, step::launch},
    {E::due, in({parting}), parting, step::ask},
    {E::due, in({parting_start}), parting_start, step::ask},
    {E::due, in({parting_gone}), parting_gone, step::ask},
    {E::due, in({removing}), removing, step::settle},

    {E::unlinked, in({unlinking, parting}), stopped, step::halt | step::erase},
    {E::unlinked, in({unlinking_start, parting_start}), running, step::halt | step::erase | step::launch},
    {E::unlinked, in({unlinking_gone, parting_gone}), removing, step::halt | step::erase | step::settle},

    {E::unconfirmed, in({unlinking}), parting, step::pending},
    {E::unconfirmed, in({unlinking_start}), parting_start, step::pending},
    {E::unconfirmed, in({unlinking_gone}), parting_gone, step::pending},

    {E::given_up, in({running}), failed, step::halt},

    {E::broken, in({stopped, unlinking, unlinking_gone}), stopped, step::halt},
    {E::broken, in({planned, running, ill, unlinking_start}), ill, step::halt | step::plan},
    // What was answered as pending, or as done, is not forgotten for that.
    {E::broken, in({parting}), parting, step::halt | step::plan},
    {E::broken, in({parting_start}), parting_start, step::halt | step::plan},
    {E::broken, in({parting_gone}), parting_gone, step::halt | step::plan},
    {E::broken, in({removing}), removing, step::halt | step::plan},
    {E::broken, in({gone}), gone, step::halt},
    {E::broken, in({failed}), failed, step::halt},
    {E::broken, in({closed}), closed, step::halt},

    {E::told, in({removing}), gone, step::halt | step::remove},
};

using Matrix = std::array<std::array<LifeMove, kLifeEvents>, kPhases>;

// An event without a line changes nothing: it comes too late, or is about something else.
constexpr Matrix make_matrix() {
  Matrix out{};
  for (int phase = 0; phase < kPhases; ++phase)
    for (auto& cell : out[static_cast<std::size_t>(phase)]) cell.next = static_cast<Phase>(phase);
  for (const Row& row : kRows) {
    for (int phase = 0; phase < kPhases; ++phase) {
      if ((row.from & (1u << static_cast<unsigned>(phase))) == 0) continue;
      LifeMove& cell = out[static_cast<std::size_t>(phase)][static_cast<std::size_t>(row.event)];
      const bool refused = (row.steps & step::refuse) != 0;
      cell = {refused ? static_cast<Phase>(phase) : row.next, row.steps};
    }
  }
  return out;
}

constexpr Matrix kMatrix = make_matrix();

}  // namespace

LifeMove life_move(Phase phase, LifeEvent event) {
  return kMatrix[static_cast<std::size_t>(phase)][static_cast<std::size_t>(event)];
}

bool runs(Phase phase) {
  switch (phase) {
    case planned:
    case running:
    case failed:
    case ill:
    case unlinking_start:
    case parting_start:
      return true;
    default:
      return false;
  }
}

Parting parting(Phase phase) {
  switch (phase) {
    case unlinking:
    case unlinking_start:
    case Phase::parting:
    case parting_start:
      return Parting::logout;
    case unlinking_gone:
    case parting_gone:
    case removing:
      return Parting::removal;
    default:
      return Parting::none;
  }
}

Phase phase_of(bool shall_run, Parting wanted) {
  if (wanted == Parting::removal) return parting_gone;
  if (wanted == Parting::logout) return shall_run ? parting_start : Phase::parting;
  return shall_run ? planned : stopped;
}

bool is_call(LifeEvent event) {
  return event >= E::start && event <= E::force_remove;
}

bool is_unlinking(Phase phase) {
  return phase == unlinking || phase == unlinking_start || phase == unlinking_gone;
}

bool is_parting(Phase phase) {
  return phase == Phase::parting || phase == parting_start || phase == parting_gone;
}

Phase phase_after_break(Phase before, Phase now) {
  const auto leaves = [](Phase phase) { return is_parting(phase) || phase == removing || phase == gone; };
  return now != closed && (leaves(before) || leaves(now)) ? before : now;
}

std::string_view phase_name(Phase phase) {
  static constexpr std::string_view kNames[kPhases] = {
      "stopped",      "planned",         "running",        "failed",  "ill",
      "unlinking",    "unlinking_start", "unlinking_gone", "parting", "parting_start",
      "parting_gone", "removing",        "gone",           "closed"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::string_view life_event_name(LifeEvent event) {
  static constexpr std::string_view kNames[kLifeEvents] = {
      "boot",     "start", "stop",     "restart",     "logout",   "remove", "force_logout", "force_remove",
      "shutdown", "due",   "unlinked", "unconfirmed", "given_up", "broken", "told"};
  return kNames[static_cast<std::size_t>(event)];
}

}  // namespace pigeond::gateway
