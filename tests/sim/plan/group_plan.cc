#include "plan/group_plan.h"

#include <algorithm>

namespace pigeond::sim {
namespace {

using Kind = GroupAction::Kind;

class GroupPlanner {
 public:
  GroupPlanner(Random& random, Plan& plan) : random_(random), plan_(plan) {}

  GroupPlan make() {
    if (!chance(3) || plan_.poison_alone) return {};
    const std::size_t count = 1 + pick(2);
    for (std::size_t group = 0; group < count; ++group) {
      people();
      talk(group);
      if (!chance(4)) comings_and_goings(group);
    }
    if (chance(4)) empty_messages();
    return std::move(out_);
  }

 private:
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_.below(count)); }
  Millis between(Millis least, Millis most) {
    return least + static_cast<Millis>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }

  GroupAction& add(Kind kind, std::size_t group) {
    GroupAction& action = out_.actions.emplace_back();
    action.kind = kind;
    action.group = group;
    action.at = between(0, plan_.length);
    return action;
  }
  void by(GroupAction& action, std::size_t account) {
    const std::size_t engines = plan_.accounts[account].hosts.size();
    action.from = account;
    action.by_phone = engines == 0 || chance(3);
    action.engine = engines == 0 ? 0 : pick(engines);
  }

  void people() {
    PlannedGroup& group = out_.groups.emplace_back();
    group.by_lid = chance(2);
    group.creator = chance(2) ? 0 : pick(plan_.accounts.size());
    for (std::size_t account = 0; account < plan_.accounts.size(); ++account)
      if (account != group.creator && !chance(4)) group.members.push_back(account);
  }

  // Whoever says something may not be in the group at that time: an engine finds that out.
  void talk(std::size_t group) {
    const std::size_t count = 4 + pick(16);
    for (std::size_t i = 0; i < count; ++i) {
      const bool poll = chance(4);
      GroupAction& said = add(poll ? Kind::poll : Kind::text, group);
      by(said, chance(2) ? 0 : pick(plan_.accounts.size()));
      said.body = (poll ? "poll " : "said ") + std::to_string(out_.actions.size()) + ".";
      if (i > 0 && chance(3)) said.at = out_.actions[out_.actions.size() - 2].at + between(0, 40);
      const std::size_t about = out_.actions.size() - 1;
      if (poll) votes(about);
      if (!poll && chance(4)) changes(about);
      if (chance(6)) remark(Kind::reaction, about, pick(plan_.accounts.size()));
    }
  }

  GroupAction& remark(Kind kind, std::size_t about, std::size_t account) {
    const GroupAction target = out_.actions[about];
    GroupAction& said = add(kind, target.group);
    said.at = target.at + between(kSecond, 2 * kMinute);
    said.about = about;
    by(said, account);
    return said;
  }

  // Some think twice.
  void votes(std::size_t poll) {
    static constexpr const char* kOptions[] = {"yes", "no", "maybe"};
    const std::size_t count = 1 + pick(2 * plan_.accounts.size());
    for (std::size_t i = 0; i < count; ++i)
      remark(Kind::vote, poll, pick(plan_.accounts.size())).body = kOptions[pick(3)];
  }

  // By who has written it, from the same device.
  void changes(std::size_t text) {
    const std::size_t count = 1 + pick(3);
    for (std::size_t i = 0; i < count; ++i) {
      const GroupAction target = out_.actions[text];
      GroupAction& said = remark(chance(4) ? Kind::revoke : Kind::edit, text, target.from);
      said.by_phone = target.by_phone;
      said.engine = target.engine;
      if (said.kind == Kind::edit) said.body = "edited " + std::to_string(out_.actions.size()) + ".";
    }
  }

  void comings_and_goings(std::size_t group) {
    static constexpr Kind kKinds[] = {Kind::add,     Kind::add,    Kind::remove, Kind::remove,
                                      Kind::promote, Kind::demote, Kind::leave,  Kind::join};
    const std::size_t count = 1 + pick(8);
    for (std::size_t i = 0; i < count; ++i) {
      GroupAction& action = add(kKinds[pick(std::size(kKinds))], group);
      const bool own = action.kind == Kind::leave || action.kind == Kind::join;
      by(action, own || chance(3) ? pick(plan_.accounts.size()) : out_.groups[group].creator);
      action.by_phone = action.by_phone || action.kind == Kind::join;
      action.whom = pick(plan_.accounts.size());
    }
  }

  // What a companion gets without its content, and from its phone, may come once more.
  void empty_messages() {
    const std::size_t count = 1 + pick(3);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t account = pick(plan_.accounts.size());
      Action fault;
      fault.kind = Action::Kind::fault;
      fault.at = between(0, plan_.length);
      fault.fault.kind = sandbox::FaultKind::withheld;
      fault.fault.account = plan_.accounts[account].phone;
      fault.fault.device = 1;
      fault.fault.count = 1 + random_.below(8);
      plan_.actions.push_back(fault);
      GroupAction& release = add(Kind::release, 0);
      release.from = account;
      release.at = fault.at + between(kSecond, 2 * kMinute);
    }
  }

  Random& random_;
  Plan& plan_;
  GroupPlan out_;
};

}  // namespace

bool is_said(GroupAction::Kind kind) {
  return kind <= Kind::reaction;
}

GroupPlan make_group_plan(Random& random, Plan& plan) {
  GroupPlan out = GroupPlanner(random, plan).make();
  for (auto& account : plan.accounts) account.in_groups = !out.groups.empty();
  return out;
}

std::string describe(const Plan& plan, const GroupAction& action) {
  static constexpr const char* kWords[] = {"text",     "poll", "vote",   "edit",    "revoke",
                                           "reaction", "add",  "remove", "promote", "demote",
                                           "leave",    "join", "release"};
  const auto by = plan.accounts[action.from].phone + (action.by_phone ? " (phone)" : "");
  std::string out = "group " + std::to_string(action.group) + ": " +
                    kWords[static_cast<std::size_t>(action.kind)] + " by " + by;
  if (!action.body.empty()) out += " '" + action.body + "'";
  if (action.about) out += " about action " + std::to_string(*action.about);
  if (!is_said(action.kind) && action.kind < Kind::leave) out += " of " + plan.accounts[action.whom].phone;
  return out;
}

}  // namespace pigeond::sim
