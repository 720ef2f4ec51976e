// What callers asked for and what they were told: the side of the invariants that no database knows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace pigeond::sim {

// A text from one account to another. Its body is its name, so that a second copy under another id shows.
struct Text {
  std::string from, to;  // phone numbers
  std::string id;
  std::string body;
  bool by_lid = false;     // the form in which the recipient was named
  std::size_t engine = 0;  // of the sender
  bool by_phone = false;   // sent from the sender's phone; else through its engine
  bool submitted = false;
  bool accepted = false;         // the unit of work that took it was committed
  std::uint64_t order = 0;       // of acceptance
  int requests = 0;              // calls for it
  int answers = 0;               // of calls that a process lived to answer
  std::optional<Error> refused;  // the last answer, if it was none of success
  bool confirmed = false;        // an answer said that the service has it
  bool doubtful = false;         // a failed disk leaves open whether it was accepted
};

struct Delivery {  // of a webhook
  std::int64_t id = 0;
  std::string body;
};

struct Ledger {
  std::vector<Text> texts;
  std::map<std::string, std::vector<Delivery>> webhooks;  // what the receiver of each session has taken
  std::uint64_t next_order = 1;
  std::vector<std::string> broken;  // promises found broken on the way
  // counts, to see that a world did what it was for
  int kills = 0, power_cuts = 0, failed_commits = 0, failed_sessions = 0, updates = 0, given_up = 0,
      restarts = 0;
};

}  // namespace pigeond::sim
