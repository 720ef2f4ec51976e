#include "engine/groups/invites.h"

#include <utility>

#include "engine/groups/group_directory.h"
#include "engine/groups/refusals.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr int kAlreadyIn = 304, kConflict = 409;

wire::Node by_code(const std::string& code) {
  return wire::Node("invite").set("code", code);
}

// whatsmeow's ErrInviteLinkInvalid (406) and ErrInviteLinkRevoked (410); the others as whatsapp-rust names
// them.
Error invite_refusal(const Error& error) {
  if (error.cause != Cause::ack_error) return error;
  switch (error.code) {
    case 400:
    case 406:
      return fail(Cause::bad_input, "code is not that of a group", error.code);
    case 404:
      return fail(Cause::not_found, "there is no such group", error.code);
    case 405:
      return fail(Cause::forbidden, "the account was removed from that group", error.code);
    case 410:
      return fail(Cause::too_late, "code is good no more: the link was reset", error.code);
    case 412:
    case 419:
      return fail(Cause::forbidden, "the group is full", error.code);
    case 423:
    case 436:
      return fail(Cause::forbidden, "the group lets nobody in at present", error.code);
    default:
      return group_refusal(error);
  }
}

Result<JoinedByCode> read_joined(const wire::Node& answer) {
  for (const char* tag : {"group", "membership_approval_request"}) {
    const auto* node = answer.child(tag);
    const auto jid = node != nullptr ? node->jid("jid") : std::nullopt;
    if (jid && jid->is_group()) return JoinedByCode{*jid, node->tag != "group"};
  }
  return fail(Cause::malformed, "an answer without the group");
}

wire::Jid user_of(const wire::Node& node, const char* name) {
  const auto jid = node.jid(name);
  return jid && jid->is_user() ? jid->without_device() : wire::Jid{};
}

}  // namespace

void ask_invite_code(Desk& desk, const wire::Jid& group, bool reset, Answered<std::string> answered) {
  desk.query(group_iq(reset ? "set" : "get", group, wire::Node("invite")),
             [answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(group_refusal(answer.error()));
               const auto* invite = answer->child("invite");
               std::string code = invite != nullptr ? invite->attr("code") : std::string();
               if (code.empty() || code.size() > kGroupText)
                 return answered(fail(Cause::malformed, "an answer without a code"));
               answered(std::move(code));
             });
}

void ask_invited_group(Desk& desk, const std::string& code, Answered<Group> answered) {
  desk.query(group_iq("get", {}, by_code(code)),
             [answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(invite_refusal(answer.error()));
               const auto* node = answer->child("group");
               if (node == nullptr) return answered(fail(Cause::malformed, "an answer without the group"));
               answered(parse_group(*node));
             });
}

void join_by_code(Desk& desk, const std::string& code, Answered<JoinedByCode> answered) {
  desk.query(group_iq("set", {}, by_code(code)),
             [&desk, code, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (answer) return answered(read_joined(*answer));
               const Error& error = answer.error();
               const bool in =
                   error.cause == Cause::ack_error && (error.code == kAlreadyIn || error.code == kConflict);
               if (!in) return answered(invite_refusal(error));
               ask_invited_group(desk, code, [answered](const Result<Group>& group) {
                 if (!group) return answered(group.error());
                 answered(JoinedByCode{group->facts.jid, false});
               });
             });
}

void ask_join_requests(Desk& desk, const wire::Jid& group, Answered<std::vector<JoinRequest>> answered) {
  desk.query(group_iq("get", group, wire::Node("membership_approval_requests")),
             [&desk, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(group_refusal(answer.error()));
               const auto* list = answer->child("membership_approval_requests");
               if (list == nullptr) return answered(fail(Cause::malformed, "an answer without requests"));
               std::vector<JoinRequest> requests;
               for (const auto& node : list->children()) {
                 if (node.tag != "membership_approval_request") continue;
                 if (requests.size() >= kGroupMembers)
                   return answered(fail(Cause::too_large, "more requests than a group has members"));
                 auto who = parse_member(node, Addressing::lid);
                 if (!who) continue;
                 desk.lids.learn(who->jid, who->other, LidDirectory::Seen::in_passing);
                 if (who->other.empty()) who->other = desk.lids.other(who->jid);
                 JoinRequest request;
                 request.who = std::move(*who);
                 request.added_by = user_of(node, "requestor");
                 if (const auto parent = node.jid("parent_group_jid"); parent && parent->is_group())
                   request.parent = *parent;
                 request.method = join_method(node);
                 request.timestamp = static_cast<std::int64_t>(node.number("request_time").value_or(0));
                 requests.push_back(std::move(request));
               }
               answered(std::move(requests));
             });
}

void decide_join_requests(Desk& desk, const wire::Jid& group, bool approve,
                          const std::vector<wire::Jid>& people,
                          Answered<std::vector<MemberResult>> answered) {
  desk.groups.ask(group, [&desk, group, approve, people,
                          answered = std::move(answered)](const Result<GroupDirectory::Known>& known) {
    if (!known) return answered(known.error());
    const Addressing addressing = (*known)->facts.addressing;
    resolve_people(desk, addressing, people,
                   [&desk, group, addressing, approve, answered](Result<std::vector<MemberResult>> resolved) {
                     if (!resolved) return answered(resolved.error());
                     const char* tag = approve ? "approve" : "reject";
                     wire::Node list(tag), action("membership_requests_action");
                     for (const auto& result : *resolved)
                       if (result.code == 200)
                         list.add(wire::Node("participant").set("jid", result.member.jid));
                     if (list.children().empty()) return answered(std::move(*resolved));
                     action.add(std::move(list));
                     desk.query(
                         group_iq("set", group, std::move(action)),
                         [addressing, tag, results = std::move(*resolved),
                          answered](const Result<wire::Node>& answer) mutable {
                           if (!answer) return answered(group_refusal(answer.error()));
                           const auto* told = answer->path({"membership_requests_action", tag});
                           if (told == nullptr)
                             return answered(fail(Cause::malformed, "an answer without the participants"));
                           read_results(*told, addressing, results);
                           answered(std::move(results));
                         });
                   });
  });
}

}  // namespace pigeond::engine
