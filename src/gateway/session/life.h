// The life of a session: one table of phases and events. It knows no engine, no clock and no database;
// whoever owns it performs the steps that an event asks for, at once and in the order of their declaration.
// So calls that come together are calls that come one after the other, and the last one that was accepted
// holds.
//
//   stopped --start--> running --stop--> stopped              planned, ill: runs by itself at a time that is
//   known any --logout, remove--> unlinking --(the service confirms)--> stopped, running or removing --> gone
//                               |--(it does not)--> parting: goes on asking; a person may call it off, or
//                               insist
//
// What a restart of the program has to know of it is in the session's row: see running() and parting().
#pragma once

#include <cstdint>
#include <string_view>

namespace pigeond::gateway {

enum class Phase {
  stopped,
  planned,  // starts at a time that is known
  running,  // an engine runs, whatever its link does
  failed,   // given up: a person has to start it
  ill,      // its rows or stanzas broke the tick; tried again at a time that is known
  // The service is asked to forget the device, and callers wait for that; what follows is in the name.
  unlinking,        // then: stopped
  unlinking_start,  // then: started anew
  unlinking_gone,   // then: removed
  // It is asked still, whenever there is a link; nobody waits any more. Broken: at a time that is known.
  parting,
  parting_start,
  parting_gone,
  removing,  // the account is erased; the row goes when its last webhooks have been told
  gone,      // the row goes with this tick
  closed,    // the process ends
};
inline constexpr int kPhases = 14;

enum class LifeEvent {
  boot,   // the process has begun
  start,  // calls of people
  stop,
  restart,
  logout,
  remove,
  force_logout,  // unlinked or not
  force_remove,
  shutdown,
  due,          // the planned time has come
  unlinked,     // the service has forgotten the device, or there is no account
  unconfirmed,  // it refused, said nothing, or can't be asked: so far
  given_up,     // by send health
  broken,       // this session's part of the tick was rolled back
  told,         // a removed session has nothing left to tell
};
inline constexpr int kLifeEvents = 15;

// What is to be done, in this order.
using Steps = std::uint32_t;
namespace step {
inline constexpr Steps none = 0;
inline constexpr Steps refuse = 1u << 0;    // the call is not accepted
inline constexpr Steps call_off = 1u << 1;  // those who wait for a removal are told that it is called off
inline constexpr Steps pending = 1u << 2;   // those who wait for an unlink are told that it is not done yet
inline constexpr Steps stay = 1u << 3;      // the unlink is called off, the engine goes on
inline constexpr Steps farewell =
    1u << 4;                            // the service is told without waiting for its answer, where it can be
inline constexpr Steps halt = 1u << 5;  // no engine, and nothing planned
inline constexpr Steps erase = 1u << 6;   // the account, and what was accepted for it; tells those who wait
inline constexpr Steps launch = 1u << 7;  // an engine
inline constexpr Steps revive = 1u << 8;  // another engine, if this one has failed
inline constexpr Steps plan = 1u << 9;    // a start, at a time
inline constexpr Steps ask =
    1u << 10;  // the service to forget the device, with an engine made for it if need be
inline constexpr Steps settle = 1u << 11;  // sees to it that the last webhooks are told, within a time
inline constexpr Steps remove = 1u << 12;  // the row; tells those who wait
inline constexpr Steps close = 1u << 13;   // whoever waits for anything is told that the process ends
}  // namespace step

struct LifeMove {
  Phase next = Phase::stopped;
  Steps steps = step::none;
  bool operator==(const LifeMove&) const = default;
};

LifeMove life_move(Phase phase, LifeEvent event);

// What the row says: whether it shall run, and whether the device is to be unlinked.
enum class Parting { none, logout, removal };
bool runs(Phase phase);
Parting parting(Phase phase);
Phase phase_of(bool running, Parting parting);  // of a session that is not up yet

bool is_call(LifeEvent event);   // a person's
bool is_unlinking(Phase phase);  // somebody waits for it
bool is_parting(Phase phase);    // nobody does
// What a session goes on with whose part of the tick was rolled back: it is in `now`, and was in `before`
// when the part began, or after the last start, stop or restart. A farewell stands only where it stood
// before.
Phase phase_after_break(Phase before, Phase now);
std::string_view phase_name(Phase phase);
std::string_view life_event_name(LifeEvent event);

}  // namespace pigeond::gateway
