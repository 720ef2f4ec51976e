// Whom callers mean in a group: numbers and LIDs turned into the form in which the group has its members.
#pragma once

#include <vector>

#include "engine/groups/group.h"
#include "engine/questions/question.h"
#include "wire/node.h"

namespace pigeond::engine {

constexpr int kNobody = 404;  // a participant's code

// What became of one participant of a request. Exactly those that were asked for, in their order.
struct MemberResult {
  wire::Jid asked;  // as the caller wrote it
  GroupMember member;
  int code = 200;  // the service's: 403 may not be added, 404 not on WhatsApp, or not in the group, 408 has
                   // left by himself, 409 is in it already, 419 the group is full, ...
  std::string invite_code;          // of 403 and 408: what an invitation is made of; empty: none is offered
  std::int64_t invite_expires = 0;  // unix seconds
};

// `members` in the group's form, where that can be found out: numbers whose LID is not known are looked up,
// all in one question. code 404: nobody has the number.
void resolve_people(Desk& desk, Addressing addressing, const std::vector<wire::Jid>& people,
                    Answered<std::vector<MemberResult>> answered);

// <participant jid [phone_number]>, as whatsmeow writes it.
wire::Node participant_of(const GroupMember& member);
// Puts what the answer says of each <participant> into the results of those who were sent.
void read_results(const wire::Node& list, Addressing addressing, std::vector<MemberResult>& results);

}  // namespace pigeond::engine
