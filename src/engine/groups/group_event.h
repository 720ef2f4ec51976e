// What programs are told of groups: that the account has come into one or left it, and what has changed in
// one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/account/groups.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct GroupEvent {
  // The numbers are stored in the journal.
  enum class What {
    entered = 0,   // the account is in it now: `members` are all, and each fact is there
    departed = 1,  // the account is not in it any more
    joined = 2,    // members
    left = 3,      // members, or were removed
    promoted = 4,  // members
    demoted = 5,   // members
    changed = 6,   // the facts that are there
    asked = 7,     // members want to join: admins decide
    rejected = 8,  // who wanted to join may not: members
    revoked = 9,   // members don't want to join any more
  };
  What what = What::changed;
  wire::Jid group;
  std::int64_t timestamp = 0;  // unix seconds, the service's
  wire::Jid by, by_other;      // who did it, in the group's form and in the other; empty: not told
  std::string reason;          // "invite": by a link; of `asked`: how
  std::vector<store::GroupMember> members;  // at most kMembers; `more` are left out
  std::size_t more = 0;
  std::optional<std::string> subject, description, invite;
  std::optional<bool> announce, locked, admins_add, approval;
  std::optional<std::int64_t> ephemeral;  // seconds; 0: messages stay

  static constexpr std::size_t kMembers = 2048;
};

}  // namespace pigeond::engine
