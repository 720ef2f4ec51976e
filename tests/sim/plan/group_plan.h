// What happens in the groups of a seed's world: who is in them, who comes and goes, and what is said there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "plan/plan.h"

namespace pigeond::sim {

struct PlannedGroup {
  std::size_t creator = 0;           // account; the others too
  std::vector<std::size_t> members;  // at first, beside him
  bool by_lid = false;
};

struct GroupAction {
  enum class Kind {
    text,
    poll,
    vote,
    edit,  // of a text
    revoke,
    reaction,
    add,
    remove,
    promote,
    demote,
    leave,
    join,    // by the group's link
    release  // what companions got without its content they get with it
  };
  Kind kind = Kind::text;
  Millis at = 0;                    // since the accounts are linked
  std::size_t group = 0, from = 0;  // `from`: account
  std::size_t engine = 0;           // of `from`
  bool by_phone = false;
  std::size_t whom = 0;              // account, of add, remove, promote and demote
  std::optional<std::size_t> about;  // the action whose message it is about
  std::string body;                  // each another one; of a vote the option
};
bool is_said(GroupAction::Kind kind);  // it is a message

struct GroupPlan {
  std::vector<PlannedGroup> groups;  // none in most worlds
  std::vector<GroupAction> actions;  // those that are about another one behind that
};

// May add faults to the plan, of messages that come without their content. `random`: of its own, so that a
// world without groups is what it was before there were any.
GroupPlan make_group_plan(Random& random, Plan& plan);
std::string describe(const Plan& plan, const GroupAction& action);

}  // namespace pigeond::sim
