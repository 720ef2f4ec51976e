// When a first message to somebody who never wrote may go. Such messages are what gets numbers restricted, so
// they pass one after the other: a token bucket, a jitter before each that had to wait, and a cap for any 24
// hours. Chats that are known (they wrote, though it may be nothing that could be read, or a message of ours
// was acknowledged there) and this account's own are never held back.
//
// What was let through is in the database, so that neither a restart of the program nor of the session opens
// the tap.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/messages/desk.h"
#include "store/account/first_contacts.h"
#include "store/messages/placeholders.h"

namespace pigeond::engine {

struct Pace {
  std::size_t burst = 0;  // that may go at once, after a rest
  Millis step = 0;        // on average between two, afterwards
  std::size_t daily = 0;  // in any 24 hours
};

// nullopt: no pace. Nobody outside knows the service's own limits; operators of other gateways report
// restrictions from some tens of unsolicited contacts a day on young numbers, and advise half a minute and
// more between two.
std::optional<Pace> pace_of(PacingPolicy policy);

class Pacing {
 public:
  explicit Pacing(Desk& desk)
      : desk_(desk),
        rows_(desk.context.database, desk.context.session),
        unread_(desk.context.database, desk.context.session) {}

  // Whether a message to this user may go now. A first contact that may is counted.
  bool admit(const wire::Jid& user);
  // Whether that is so whatever the pace: it is off, or they are known.
  bool is_free(const wire::Jid& user);
  // When the next one may go that is not known (wall ms), with `ahead` others before it; an estimate beyond
  // the first.
  Millis next_turn(std::size_t ahead = 0);
  std::vector<Millis> next_turns(std::size_t count);  // with none ahead, with one, ...
  Millis jitter();                                    // ms, to wait beyond that turn: up to half a step

 private:
  bool is_known(const wire::Jid& user);
  bool has_contact(const wire::Jid& form);

  Desk& desk_;
  store::FirstContacts rows_;
  store::Placeholders unread_;
  std::set<std::string> known_;  // of those that were looked up
};

}  // namespace pigeond::engine
