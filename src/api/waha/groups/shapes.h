// Groups as clients read them: those of WAHA's Go engine read PascalCase (JID, Name, Participants[].JID),
// others camelCase (id, subject, participants[].id), the newer events their own. One object has all of these
// names.
#pragma once

#include "api/schema/output.h"
#include "engine/groups/group.h"
#include "engine/groups/group_event.h"
#include "engine/groups/invites.h"
#include "engine/groups/people.h"

namespace pigeond::api::waha {

// "participant", "admin", "superadmin".
const char* rank_name(store::Rank rank);
// "123@lid" in a group that goes by LID, else "49151@c.us"; and the number beside a LID.
std::string member_id(const store::GroupMember& member);
std::optional<std::string> member_pn(const store::GroupMember& member);

// {id, pn?, role}: of the newer routes and events.
struct MemberShape {
  using Of = store::GroupMember;
  static constexpr const char* kName = "GroupParticipant";
  static void describe(schema::Output<Of>& shows);
};

// With the names of before as well.
struct WholeMemberShape {
  using Of = store::GroupMember;
  static constexpr const char* kName = "GroupMember";
  static void describe(schema::Output<Of>& shows);
};

struct GroupShape {
  using Of = engine::Group;
  static constexpr const char* kName = "Group";
  static void describe(schema::Output<Of>& shows);
};

// The same without its participants.
struct GroupFactsShape {
  using Of = engine::Group;
  static constexpr const char* kName = "GroupFacts";
  static void describe(schema::Output<Of>& shows);
};

// What became of one participant of a request.
struct MemberResultShape {
  using Of = engine::MemberResult;
  static constexpr const char* kName = "GroupParticipantResult";
  static void describe(schema::Output<Of>& shows);
};

struct JoinRequestShape {
  using Of = engine::JoinRequest;
  static constexpr const char* kName = "GroupJoinRequest";
  static void describe(schema::Output<Of>& shows);
};

}  // namespace pigeond::api::waha
