// What a seed stands for: who there is, who writes to whom, and everything that goes wrong meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "host/host.h"
#include "sandbox/messages/faults.h"

namespace pigeond::sim {

struct PlannedAccount {
  std::string phone, lid;
  std::vector<std::size_t>
      hosts;            // where its engines run, each a companion device; none: it has a phone only
  bool late = false;    // its last engine is linked in the middle
  bool fickle = false;  // its companions come and go; they are linked again in the end
  std::string pacing = "off";
  int webhook_tries = 15;  // after the first
  bool in_groups = false;  // its webhooks tell what is said about messages too
  std::string session(std::size_t engine) const { return phone + "-" + std::to_string(engine); }
  HostedSession hosted(std::size_t engine) const;
};

struct Action {
  enum class Kind {
    text,
    read,
    fault,
    cut,
    freeze,
    restart_server,
    outdate,  // only the newest version of the client may log in from now on; and the server restarts
    slow,
    death,
    update,
    join,
    logout,
    disk,
    clock,
    stop,      // by a person
    start,     // and on again
    receiver,  // of webhooks: is down
    lock,      // an account may start no chats for a time
    meet,      // calls about one session's life meet in a tick
    poison,    // one session's rows or stanzas break whatever touches them, for a time
    backup,    // what a restore would have
    damage     // pages of a database are not what was written, for a time or until a restore
  };
  Kind kind = Kind::text;
  Millis at = 0;           // since the accounts are linked
  std::size_t from = 0;    // account, or host for death, update, disk, clock, receiver, backup and damage
  std::size_t engine = 0;  // of `from`
  std::size_t to = 0;      // account
  bool by_phone = false;
  bool by_lid = false;
  bool patient = false;     // the caller asks again until there is an answer
  std::size_t eager = 0;    // so often others ask for the same, within moments
  bool keyed = false;       // with an Idempotency-Key instead of an id
  bool queue = false;       // accepted also while the session can't send
  bool async = false;       // the caller does not wait for the service
  Millis expires_in = 0;    // 0: never
  Millis cancel_after = 0;  // 0: never
  sandbox::Fault fault;
  Millis span = 0;  // how long, or how far
  Death death;
  Disk::Trouble trouble = Disk::Trouble::none;
  std::vector<LifeCall> calls;
  Poison poison = Poison::incoming;
};

struct Plan {
  std::vector<PlannedAccount> accounts;
  std::size_t hosts = 1;
  // Callers name one chat now by phone number, now by LID. Before the engine knows that they are one, they
  // are two.
  bool mixed_forms = false;
  Millis length = 0;  // of the time in which actions happen
  std::vector<Action> actions;
  bool lively = false;                  // calls about sessions' lives meet
  bool poison_alone = false;            // nothing else goes wrong
  std::optional<std::size_t> set_back;  // this host's database becomes its backup
  std::optional<Death> birth_trouble;   // of host 0, while its accounts are being linked
};

const char* call_name(LifeCall call);
Plan make_plan(Random& random);
std::string describe(const Plan& plan, const Action& action);

}  // namespace pigeond::sim
