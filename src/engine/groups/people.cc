#include "engine/groups/people.h"

#include <memory>
#include <utility>

#include "engine/messages/desk.h"
#include "engine/questions/number.h"

namespace pigeond::engine {
namespace {

// In the group's form where it is known, and the other beside it.
GroupMember member_of(Desk& desk, Addressing addressing, const wire::Jid& person) {
  const wire::Jid lid = desk.lids.lid(person), pn = desk.lids.pn(person);
  GroupMember member{addressing == Addressing::lid ? lid : pn, addressing == Addressing::lid ? pn : lid,
                     Rank::member};
  if (member.jid.empty()) std::swap(member.jid, member.other);
  return member;
}

}  // namespace

void resolve_people(Desk& desk, Addressing addressing, const std::vector<wire::Jid>& people,
                    Answered<std::vector<MemberResult>> answered) {
  auto results = std::make_shared<std::vector<MemberResult>>();
  std::vector<std::string> numbers;
  for (const auto& person : people) {
    MemberResult result;
    result.asked = person;
    const wire::Jid account = desk.dialled.account(person).without_device();
    result.member = member_of(desk, addressing, account);
    if (account.is_pn() && desk.lids.lid(account).empty()) {
      result.code = kNobody;  // until it is found
      numbers.push_back(person.user);
    }
    results->push_back(std::move(result));
  }
  if (numbers.empty()) return answered(std::move(*results));
  ask_numbers(
      desk, numbers, false,
      [&desk, addressing, results, answered = std::move(answered)](Result<std::vector<Number>> found) {
        if (!found) return answered(found.error());
        auto number = found->begin();  // in the order of those that were not found yet
        for (auto& result : *results) {
          if (result.code != kNobody) continue;
          if (number->exists) {
            result.code = 200;
            result.member = member_of(desk, addressing, number->pn);
          }
          ++number;
        }
        answered(std::move(*results));
      });
}

wire::Node participant_of(const GroupMember& member) {
  wire::Node node("participant");
  node.set("jid", member.jid);
  if (member.jid.is_lid() && member.other.is_pn()) node.set("phone_number", member.other);
  return node;
}

void read_results(const wire::Node& list, Addressing addressing, std::vector<MemberResult>& results) {
  for (const auto& node : list.children()) {
    if (node.tag != "participant") continue;
    const auto told = parse_member(node, addressing);
    if (!told) continue;
    for (auto& result : results) {
      const GroupMember& sent = result.member;
      const bool same = told->jid.same_user(sent.jid) || told->jid.same_user(sent.other) ||
                        (!told->other.empty() && told->other.same_user(sent.jid));
      if (!same) continue;
      result.member = *told;
      if (result.member.other.empty()) result.member.other = sent.jid == told->jid ? sent.other : sent.jid;
      const auto error = node.number("error");
      result.code = error && *error <= 9999 ? static_cast<int>(*error) : 200;
      if (const auto* offer = node.child("add_request")) {
        const std::string code = offer->attr("code");
        if (code.size() <= kGroupText) result.invite_code = code;
        result.invite_expires = static_cast<std::int64_t>(offer->number("expiration").value_or(0));
      }
    }
  }
}

}  // namespace pigeond::engine
