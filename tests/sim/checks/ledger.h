// What callers asked for and what they were told: the side of the invariants that no database knows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/model.h"

namespace pigeond::sim {

// A text from one account to another. Its body is its name, so that a second copy under another id shows.
struct Text {
  std::string from, to;  // phone numbers
  std::string id;        // the caller's choice; with a key: as it was answered
  std::string key;       // Idempotency-Key; empty: none
  std::string body;
  bool by_lid = false;     // the form in which the recipient was named
  std::size_t engine = 0;  // of the sender
  bool by_phone = false;   // sent from the sender's phone; else through its engine
  bool submitted = false;
  bool queue = false;            // accepted also while its session can't send
  bool async = false;            // answered as soon as it is accepted
  Millis expires_in = 0;         // 0: never
  bool accepted = false;         // an answer said so
  bool cancelled = false;        // somebody asked for that
  bool taken_back = false;       // an answer said that it never leaves
  std::uint64_t order = 0;       // of acceptance, of a phone's
  Millis accepted_at = 0;        // the world's wall clock
  int requests = 0;              // calls for it that a process heard
  int answers = 0;               // of calls that a process lived to answer
  std::optional<Error> refused;  // the last answer, if it was none of success
  int storage_refusals = 0;      // answers that said so
  bool confirmed = false;        // an answer said that the service has it
};

// Something that is said in a group: a text, a poll, or something about one of these.
struct Utterance {
  std::string id;
  bool accepted = false, confirmed = false;  // as of a text
  std::optional<Error> refused;
};

// A message to a group that the service has taken.
struct Posting {
  std::uint64_t order = 0;
  std::string group;
  std::set<sandbox::DeviceRef> readers;  // the other devices of who was in the group then
};

// After such an answer a caller has nothing more to ask.
inline bool is_final(const Error& error) {
  static const std::set<Cause> passing = {Cause::not_linked,    Cause::storage,   Cause::cancelled,
                                          Cause::shutting_down, Cause::link_lost, Cause::timed_out,
                                          Cause::already_exists};
  return !passing.contains(error.cause);
}

struct StatusAt {
  Millis wall = 0;     // the world's
  std::string status;  // or how its process ended
};

struct Delivery {          // of a webhook
  std::uint64_t life = 0;  // of the process it came from
  std::int64_t id = 0;
  std::string body;
};

// What callers ask of a session's life, several at the same moment.
enum class LifeCall { start, stop, restart, logout, remove, create, configure };

struct LifeCalls {
  int asked = 0, answered = 0;

  std::uint64_t last_order = 0;  // of the last one that was accepted
  std::optional<LifeCall> last;
};

struct Ledger {
  std::vector<Text> texts;
  std::map<std::size_t, Utterance> said;                                   // by the group plan's action
  std::map<std::pair<sandbox::DeviceRef, std::string>, Posting> postings;  // by sender and id
  // Who was in a group: phone, and whether he has left since; he may be in it again.
  std::map<std::string, std::map<std::string, bool>> members;
  std::map<std::string, std::vector<Delivery>> webhooks;   // what the receiver of each session has taken
  std::map<std::string, std::set<std::int64_t>> replayed;  // dead letters that were sent again
  std::map<std::string, std::vector<StatusAt>> statuses;   // of each session, as they were told
  std::map<std::string, LifeCalls> life;                   // of each session
  std::map<std::string, std::map<std::string, std::vector<int>>> acks;  // told of each session's messages
  std::map<std::string, Millis> poisoned;  // sessions whose rows or stanzas were made to break
  Millis begun = 0, healed = 0;            // wall; of the time in which things go wrong
  std::uint64_t next_order = 1;
  std::vector<std::string> broken;  // promises found broken on the way
  // counts, to see that a world did what it was for
  int kills = 0, power_cuts = 0, failed_sessions = 0, updates = 0, given_up = 0, restarts = 0;
};

}  // namespace pigeond::sim
