// Groups are made and left, and who is in them is changed.
#pragma once

#include <string>
#include <vector>

#include "engine/groups/group_directory.h"
#include "engine/groups/people.h"
#include "engine/questions/question.h"

namespace pigeond::engine {

struct NewGroup {
  GroupDirectory::Known group;
  std::vector<MemberResult> members;  // of those who were to be in it
};

// Whoever can't be added is told in his result, and the group is made all the same.
void create_group(Desk& desk, const std::string& subject, const std::vector<wire::Jid>& people,
                  Answered<NewGroup> answered);

void leave_group(Desk& desk, const wire::Jid& group, Answered<bool> answered);

enum class MemberChange { add, remove, promote, demote };

// One result for each of `people`. Errors of the whole: those of group_refusal (refusals.h).
void change_members(Desk& desk, const wire::Jid& group, MemberChange change,
                    const std::vector<wire::Jid>& people, Answered<std::vector<MemberResult>> answered);

}  // namespace pigeond::engine
