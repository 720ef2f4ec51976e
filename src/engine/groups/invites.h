// The link by which people join a group, and who wants to come in by it.
#pragma once

#include <string>
#include <vector>

#include "engine/groups/group.h"
#include "engine/groups/people.h"
#include "engine/questions/question.h"

namespace pigeond::engine {

// The code of https://chat.whatsapp.com/CODE; `reset`: another one, and the present one is good no more.
// Errors here: those of group_refusal (refusals.h).
void ask_invite_code(Desk& desk, const wire::Jid& group, bool reset, Answered<std::string> answered);

// As a stranger sees it. bad_input: the code never was one; too_late: the link was reset.
void ask_invited_group(Desk& desk, const std::string& code, Answered<Group> answered);

struct JoinedByCode {
  wire::Jid group;
  bool waits = false;  // for an admin's approval
};
// Also where the account is in it already. Errors as those of ask_invited_group; forbidden: it was removed
// from there, or the group is full or locked.
void join_by_code(Desk& desk, const std::string& code, Answered<JoinedByCode> answered);

struct JoinRequest {
  GroupMember who;
  wire::Jid added_by;          // empty: himself
  wire::Jid parent;            // the community over which he came; empty: none
  std::string method;          // "invite_link", "linked_group_join", "non_admin_add"; empty: not told
  std::int64_t timestamp = 0;  // unix seconds
};
void ask_join_requests(Desk& desk, const wire::Jid& group, Answered<std::vector<JoinRequest>> answered);
// One result for each of `people`; 404: he does not ask.
void decide_join_requests(Desk& desk, const wire::Jid& group, bool approve,
                          const std::vector<wire::Jid>& people, Answered<std::vector<MemberResult>> answered);

}  // namespace pigeond::engine
