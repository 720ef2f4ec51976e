#include "api/waha/groups/shapes.h"

#include "api/waha/ids.h"
#include "api/waha/shapes.h"
#include "base/utc_text.h"

namespace pigeond::api::waha {
namespace {

using engine::Group;
using store::GroupMember;
using store::Rank;

const wire::Jid& pn_of(const GroupMember& member) {
  return member.jid.is_pn() ? member.jid : member.other;
}
const wire::Jid& lid_of(const GroupMember& member) {
  return member.jid.is_lid() ? member.jid : member.other;
}
std::string text_of(const wire::Jid& jid) {
  return jid.empty() ? std::string() : jid.text();
}
std::string when(std::int64_t unix_seconds) {
  return unix_seconds > 0 ? utc_text(unix_seconds) : "0001-01-01T00:00:00Z";  // Go's time that is none
}

// The names that are told apart by nothing but their case.
void camel(schema::Output<Group>& shows) {
  shows("id", [](const Group& group) { return chat_id(group.facts.jid); });
  shows("subject", [](const Group& group) { return group.facts.subject; });
  shows("subjectOwner", [](const Group& group) { return id_if(group.facts.subject_by); });
  shows("subjectTime", [](const Group& group) { return schema::positive(group.facts.subject_at); });
  shows("description", [](const Group& group) { return group.facts.description; });
  shows("desc", [](const Group& group) { return schema::text_if(group.facts.description); });
  shows("descId", [](const Group& group) { return schema::text_if(group.facts.description_id); });
  shows("owner", [](const Group& group) { return id_if(group.facts.creator); });
  shows("creation", [](const Group& group) { return schema::positive(group.facts.created); });
  shows("size", [](const Group& group) {
    return schema::positive(group.members.size());
  }).help("How many they are, where they are shown.");
  shows("addressingMode", [](const Group& group) {
    return std::string(group.facts.addressing == store::Addressing::lid ? "lid" : "pn");
  }).one_of({"pn", "lid"});
  shows("announce", [](const Group& group) { return group.facts.announce; }).help("Only admins write.");
  shows("restrict", [](const Group& group) {
    return group.facts.locked;
  }).help("Only admins change subject, description and picture.");
  shows("memberAddMode", [](const Group& group) { return !group.facts.admins_add; });
  shows("joinApprovalMode", [](const Group& group) { return group.facts.approval; });
  shows("membersCanAddNewMember", [](const Group& group) { return !group.facts.admins_add; });
  shows("membersCanSendMessages", [](const Group& group) { return !group.facts.announce; });
  shows("newMembersApprovalRequired", [](const Group& group) { return group.facts.approval; });
  shows("ephemeralDuration", [](const Group& group) {
    return group.facts.ephemeral;
  }).help("Seconds after which messages vanish; 0: they stay.");
  shows("isCommunity", [](const Group& group) { return group.facts.community; });
  shows("isCommunityAnnounce", [](const Group& group) { return group.facts.default_part; });
  shows("linkedParent", [](const Group& group) { return id_if(group.facts.parent); });
}

void pascal(schema::Output<Group>& shows) {
  shows("JID", [](const Group& group) { return group.facts.jid.text(); });
  shows("Name", [](const Group& group) { return group.facts.subject; });
  shows("NameSetAt", [](const Group& group) { return when(group.facts.subject_at); });
  shows("NameSetBy", [](const Group& group) { return text_of(group.facts.subject_by); });
  shows("Topic", [](const Group& group) { return group.facts.description; });
  shows("TopicID", [](const Group& group) { return group.facts.description_id; });
  shows("TopicSetAt", [](const Group& group) { return when(group.facts.description_at); });
  shows("TopicSetBy", [](const Group& group) { return text_of(group.facts.description_by); });
  shows("OwnerJID", [](const Group& group) { return text_of(group.facts.creator); });
  shows("GroupCreated", [](const Group& group) { return when(group.facts.created); });
  shows("IsAnnounce", [](const Group& group) { return group.facts.announce; });
  shows("IsLocked", [](const Group& group) { return group.facts.locked; });
  shows("IsEphemeral", [](const Group& group) { return group.facts.ephemeral > 0; });
  shows("DisappearingTimer", [](const Group& group) { return group.facts.ephemeral; });
  shows("IsParent", [](const Group& group) { return group.facts.community; });
  shows("IsDefaultSubGroup", [](const Group& group) { return group.facts.default_part; });
  shows("LinkedParentJID", [](const Group& group) { return text_of(group.facts.parent); });
  shows("IsJoinApprovalRequired", [](const Group& group) { return group.facts.approval; });
  shows("MemberAddMode", [](const Group& group) {
    return std::string(group.facts.admins_add ? "admin_add" : "all_member_add");
  }).one_of({"admin_add", "all_member_add"});
  shows("AddressingMode", [](const Group& group) {
    return std::string(group.facts.addressing == store::Addressing::lid ? "lid" : "pn");
  }).one_of({"pn", "lid"});
}

}  // namespace

const char* rank_name(Rank rank) {
  switch (rank) {
    case Rank::member:
      return "participant";
    case Rank::admin:
      return "admin";
    case Rank::owner:
      return "superadmin";
  }
  return "participant";
}

std::string member_id(const GroupMember& member) {
  return chat_id(member.jid);
}

std::optional<std::string> member_pn(const GroupMember& member) {
  return id_if(pn_of(member));
}

void MemberShape::describe(schema::Output<Of>& shows) {
  shows("id", member_id);
  shows("pn", member_pn).help("The number, where it is known.");
  shows("role", [](const Of& member) {
    return std::string(rank_name(member.rank));
  }).one_of({"left", "participant", "admin", "superadmin"});
}

void WholeMemberShape::describe(schema::Output<Of>& shows) {
  MemberShape::describe(shows);
  shows("lid", [](const Of& member) { return id_if(lid_of(member)); });
  shows("phoneNumber", [](const Of& member) { return schema::text_if(text_of(pn_of(member))); });
  shows("admin", [](const Of& member) {
    return member.rank == Rank::member ? std::nullopt : std::optional<std::string>(rank_name(member.rank));
  }).or_null();
  shows("isAdmin", [](const Of& member) { return member.rank != Rank::member; });
  shows("isSuperAdmin", [](const Of& member) { return member.rank == Rank::owner; });
  shows("JID", [](const Of& member) { return member.jid.text(); });
  shows("PhoneNumber", [](const Of& member) { return text_of(pn_of(member)); });
  shows("LID", [](const Of& member) { return text_of(lid_of(member)); });
  shows("IsAdmin", [](const Of& member) { return member.rank != Rank::member; });
  shows("IsSuperAdmin", [](const Of& member) { return member.rank == Rank::owner; });
}

void GroupFactsShape::describe(schema::Output<Of>& shows) {
  camel(shows);
  pascal(shows);
}

void GroupShape::describe(schema::Output<Of>& shows) {
  camel(shows);
  shows.list<WholeMemberShape>(
      "participants", [](const Group& group) -> const auto& { return group.members; });
  pascal(shows);
  shows.list<WholeMemberShape>(
      "Participants", [](const Group& group) -> const auto& { return group.members; });
}

void MemberResultShape::describe(schema::Output<Of>& shows) {
  shows("id", [](const Of& result) { return chat_id(result.asked); }).help("As it was asked for.");
  shows("status", [](const Of& result) { return std::to_string(result.code); })
      .help(
          "200: done; 403: lets nobody add him, and 408: has left by himself: invite him; 404: not on "
          "WhatsApp, or "
          "not in the group; 409: is in it already; 419: the group is full; others are WhatsApp's.");
  shows("success", [](const Of& result) { return result.code == 200; });
  shows("jid", [](const Of& result) { return text_of(result.member.jid); });
  shows("pn", [](const Of& result) { return id_if(pn_of(result.member)); });
  shows("lid", [](const Of& result) { return id_if(lid_of(result.member)); });
  shows("inviteCode", [](const Of& result) {
    return schema::text_if(result.invite_code);
  }).help("With which an invitation can be sent to him.");
  shows("inviteExpiration", [](const Of& result) {
    return schema::positive(result.invite_expires);
  }).help("Unix seconds.");
  shows("JID", [](const Of& result) { return text_of(result.member.jid); });
  shows("PhoneNumber", [](const Of& result) { return text_of(pn_of(result.member)); });
  shows("Error", [](const Of& result) { return result.code == 200 ? 0 : result.code; });
}

void JoinRequestShape::describe(schema::Output<Of>& shows) {
  shows("requesterId", [](const Of& request) { return member_id(request.who); });
  shows("requesterPn", [](const Of& request) { return member_pn(request.who); }).or_null();
  shows("addedById", [](const Of& request) {
    return chat_id(request.added_by.empty() ? request.who.jid : request.added_by);
  });
  shows("parentGroupId", [](const Of& request) { return id_if(request.parent); }).or_null();
  shows("requestMethod", [](const Of& request) { return schema::text_if(request.method); }).or_null();
  shows("timestamp", [](const Of& request) { return request.timestamp; });
}

}  // namespace pigeond::api::waha
