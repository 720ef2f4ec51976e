#include "engine/groups/membership.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/groups/refusals.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

const char* tag_of(MemberChange change) {
  switch (change) {
    case MemberChange::add:
      return "add";
    case MemberChange::remove:
      return "remove";
    case MemberChange::promote:
      return "promote";
    case MemberChange::demote:
      return "demote";
  }
  return "";
}

// Whoever lets in only whom they know sees by the token that we are (whatsmeow 00ce57f2).
wire::Node invited(Desk& desk, const GroupMember& member) {
  wire::Node node = participant_of(member);
  const auto token = desk.tokens.node_for(member.jid);
  if (token && token->tag == "tctoken") node.add(wire::Node("privacy").body(token->bytes()));
  return node;
}

bool is_sent(const MemberResult& result) {
  return result.code != kNobody;
}

// What is known is brought up to the answer at once; the notification that follows says the same.
void take_changed(Desk& desk, const wire::Jid& group, MemberChange what,
                  const std::vector<MemberResult>& results) {
  GroupChange change;
  change.kind = what == MemberChange::add       ? GroupChange::Kind::joined
                : what == MemberChange::remove  ? GroupChange::Kind::left
                : what == MemberChange::promote ? GroupChange::Kind::promoted
                                                : GroupChange::Kind::demoted;
  for (const auto& result : results)
    if (result.code == 200) change.members.push_back(result.member);
  if (!change.members.empty()) desk.groups.apply(group, change, {}, 0);
}

void send_change(Desk& desk, const wire::Jid& group, Addressing addressing, MemberChange change,
                 std::vector<MemberResult> results, Answered<std::vector<MemberResult>> answered) {
  wire::Node list(tag_of(change));
  for (const auto& result : results)
    if (is_sent(result))
      list.add(change == MemberChange::add ? invited(desk, result.member) : participant_of(result.member));
  if (list.children().empty()) return answered(std::move(results));
  desk.query(group_iq("set", group, std::move(list)),
             [&desk, group, addressing, change, results = std::move(results),
              answered = std::move(answered)](const Result<wire::Node>& answer) mutable {
               if (!answer) return answered(group_refusal(answer.error()));
               const auto* told = answer->child(tag_of(change));
               if (told == nullptr)
                 return answered(fail(Cause::malformed, "an answer without the participants"));
               read_results(*told, addressing, results);
               take_changed(desk, group, change, results);
               answered(std::move(results));
             });
}

}  // namespace

void change_members(Desk& desk, const wire::Jid& group, MemberChange change,
                    const std::vector<wire::Jid>& people, Answered<std::vector<MemberResult>> answered) {
  desk.groups.ask(group, [&desk, group, change, people,
                          answered = std::move(answered)](const Result<GroupDirectory::Known>& known) {
    if (!known) return answered(known.error());
    const Addressing addressing = (*known)->facts.addressing;
    resolve_people(desk, addressing, people,
                   [&desk, group, addressing, change, answered](Result<std::vector<MemberResult>> results) {
                     if (!results) return answered(results.error());
                     send_change(desk, group, addressing, change, std::move(*results), answered);
                   });
  });
}

// <create subject><participant jid phone_number/>… <member_add_mode/> <ephemeral expiration="0"/>
// <membership_approval_mode><group_join state="off"/>, as whatsmeow sends it. New groups go by LID, for which
// the service takes numbers as well; a `key` is not sent any more (whatsmeow 0dcf1f50).
void create_group(Desk& desk, const std::string& subject, const std::vector<wire::Jid>& people,
                  Answered<NewGroup> answered) {
  resolve_people(
      desk, Addressing::lid, people,
      [&desk, subject, answered = std::move(answered)](Result<std::vector<MemberResult>> results) {
        if (!results) return answered(results.error());
        wire::Node create("create");
        create.set("subject", subject);
        for (const auto& result : *results)
          if (is_sent(result)) create.add(invited(desk, result.member));
        create.add(wire::Node("member_add_mode").body(as_bytes(std::string_view("all_member_add"))));
        create.add(wire::Node("ephemeral").set("expiration", "0"));
        create.add(wire::Node("membership_approval_mode").add(wire::Node("group_join").set("state", "off")));
        desk.query(group_iq("set", {}, std::move(create)),
                   [&desk, people = std::move(*results), answered](const Result<wire::Node>& answer) mutable {
                     if (!answer) return answered(group_refusal(answer.error()));
                     const auto* node = answer->child("group");
                     if (node == nullptr)
                       return answered(fail(Cause::malformed, "an answer without the group"));
                     auto group = parse_group(*node);
                     if (!group) return answered(group.error());
                     read_results(*node, group->facts.addressing, people);
                     // Whoever has an error is in the answer, and not in the group.
                     std::erase_if(group->members, [&](const GroupMember& member) {
                       return std::ranges::any_of(people, [&](const MemberResult& result) {
                         return result.code != 200 && result.member.jid.same_user(member.jid);
                       });
                     });
                     const wire::Jid jid = group->facts.jid;
                     desk.groups.learn(std::move(*group));
                     answered(NewGroup{desk.groups.last_known(jid), std::move(people)});
                   });
      });
}

void leave_group(Desk& desk, const wire::Jid& group, Answered<bool> answered) {
  wire::Node leave("leave");
  leave.add(wire::Node("group").set("id", group));
  desk.query(group_iq("set", {}, std::move(leave)),
             [&desk, group, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(group_refusal(answer.error()));
               const auto* left = answer->path({"leave", "group"});
               const auto error = left != nullptr ? left->number("error") : std::nullopt;
               if (error && *error <= 9999)
                 return answered(group_refusal(fail(Cause::ack_error, {}, static_cast<int>(*error))));
               desk.groups.left(group);
               answered(true);
             });
}

}  // namespace pigeond::engine
