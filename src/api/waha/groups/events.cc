#include "api/waha/groups/events.h"

#include "api/schema/output.h"
#include "api/waha/groups/shapes.h"
#include "api/waha/ids.h"

namespace pigeond::api::waha {
namespace {

using engine::GroupEvent;
using gateway::Topic;
using What = GroupEvent::What;

template <typename T>
void fact(JsonText& out, const char* name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}
void opposite(JsonText& out, const char* name, const std::optional<bool>& value) {
  if (value) out.member(name, !*value);
}

// Of those who have left, their role says so.
void members(JsonText& out, const GroupEvent& event) {
  out.name("participants");
  out.begin_array();
  for (const auto& member : event.members) {
    out.begin_object();
    out.member("id", member_id(member));
    if (const auto pn = member_pn(member)) out.member("pn", *pn);
    out.member("role", event.what == What::left ? "left" : rank_name(member.rank));
    out.end_object();
  }
  out.end_array();
}

void facts(JsonText& out, const GroupEvent& event) {
  fact(out, "subject", event.subject);
  fact(out, "description", event.description);
  fact(out, "invite", event.invite);
  opposite(out, "membersCanAddNewMember", event.admins_add);
  opposite(out, "membersCanSendMessages", event.announce);
  fact(out, "newMembersApprovalRequired", event.approval);
  fact(out, "infoAdminsOnly", event.locked);
  fact(out, "ephemeralDuration", event.ephemeral);
}

void data(JsonText& out, const GroupEvent& event) {
  out.name("_data");
  out.begin_object();
  out.name("author");
  event.by.empty() ? out.null() : out.string(chat_id(event.by));
  const auto& pn = event.by.is_pn() ? event.by : event.by_other;
  out.name("authorPn");
  pn.empty() ? out.null() : out.string(chat_id(pn));
  if (!event.reason.empty()) out.member("reason", event.reason);
  if (event.more > 0) out.member("participantsLeftOut", static_cast<std::int64_t>(event.more));
  out.end_object();
}

const char* type_of(What what) {
  switch (what) {
    case What::joined:
      return "join";
    case What::left:
      return "leave";
    case What::promoted:
      return "promote";
    case What::demoted:
      return "demote";
    default:
      return "";
  }
}

void group(JsonText& out, const GroupEvent& event, bool whole) {
  out.name("group");
  out.begin_object();
  out.member("id", chat_id(event.group));
  if (whole || event.what == What::changed) facts(out, event);
  if (whole) members(out, event);
  out.end_object();
}

void request(JsonText& out, const GroupEvent& event) {
  group(out, event, false);
  out.member("action", event.what == What::asked      ? "created"
                       : event.what == What::rejected ? "rejected"
                                                      : "revoked");
  const auto pn = event.members.empty() ? std::nullopt : member_pn(event.members.front());
  out.member("requesterId", event.members.empty() ? std::string() : member_id(event.members.front()));
  out.name("requesterPn");
  pn ? out.string(*pn) : out.null();
  out.name("requestMethod");
  event.reason.empty() ? out.null() : out.string(event.reason);
}

// The group itself, as the engines of before gave it.
void old_shape(JsonText& out, const GroupEvent& event) {
  out.member("id", chat_id(event.group));
  if (event.what == What::entered) {
    fact(out, "subject", event.subject);
    fact(out, "desc", event.description);
    fact(out, "announce", event.announce);
    fact(out, "restrict", event.locked);
    members(out, event);
  }
}

}  // namespace

void group_payload(JsonText& out, Topic topic, const GroupEvent& event) {
  if (topic == Topic::group_entered_old || topic == Topic::group_departed_old) {
    old_shape(out, event);
  } else if (topic == Topic::group_request) {
    request(out, event);
  } else {
    if (topic == Topic::group_members) out.member("type", type_of(event.what));
    group(out, event, event.what == What::entered);
    if (topic == Topic::group_members) members(out, event);
  }
  out.member("timestamp", event.timestamp);
  data(out, event);
}

}  // namespace pigeond::api::waha
