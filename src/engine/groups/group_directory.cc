#include "engine/groups/group_directory.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/messages/desk.h"
#include "store/account/group_keys.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kCachedMembers = 8192;  // of all groups in memory; about 200 bytes each

using Kind = GroupChange::Kind;

}  // namespace

wire::Node group_iq(const char* type, const wire::Jid& group, wire::Node child) {
  wire::Node iq("iq");
  iq.set("to", group.empty() ? wire::Jid{"", wire::server::kGroup} : group);
  iq.set("type", type).set("xmlns", "w:g2").add(std::move(child));
  return iq;
}

GroupDirectory::GroupDirectory(Desk& desk)
    : desk_(desk), rows_(desk.context.database, desk.context.session) {}

GroupDirectory::Known GroupDirectory::last_known(const wire::Jid& group) {
  if (const auto found = cache_.find(group); found != cache_.end()) return found->second;
  auto facts = rows_.find(group);
  if (!facts) return nullptr;
  auto known = std::make_shared<Group>();
  known->facts = std::move(*facts);
  known->members = rows_.members(group);
  if (cached_members_ + known->members.size() > kCachedMembers) forget_cache();
  cached_members_ += known->members.size() + 1;
  cache_.emplace(group, known);
  return known;
}

GroupDirectory::Known GroupDirectory::known(const wire::Jid& group) {
  Known known = last_known(group);
  return known && !known->facts.stale ? known : nullptr;
}

void GroupDirectory::ask(const wire::Jid& group, Told told) {
  if (Known now = known(group)) return told(now);
  refresh(group, std::move(told));
}

void GroupDirectory::refresh(const wire::Jid& group, Told told) {
  auto& waiting = waiting_[group];
  waiting.push_back(std::move(told));
  if (waiting.size() > 1) return;
  wire::Node query("query");
  query.set("request", "interactive");
  desk_.query(group_iq("get", group, std::move(query)),
              [this, group](const Result<wire::Node>& result) { answer(group, take(group, result)); });
}

void GroupDirectory::answer(const wire::Jid& group, const Result<Known>& told) {
  const auto found = waiting_.find(group);
  if (found == waiting_.end()) return;
  const auto waiting = std::move(found->second);
  waiting_.erase(found);  // first: who is told may ask again
  for (const auto& each : waiting) each(told);
}

// 401, 403: not a member; 404: there is no such group (whatsmeow's ErrNotInGroup, ErrGroupNotFound).
Result<GroupDirectory::Known> GroupDirectory::take(const wire::Jid& group, const Result<wire::Node>& result) {
  if (!result) {
    const Error& error = result.error();
    if (error.cause != Cause::ack_error) return error;
    if (error.code != 401 && error.code != 403 && error.code != 404) return error;
    left(group);
    if (error.code == 404) return fail(Cause::not_found, "there is no such group", error.code);
    return fail(Cause::forbidden, "the account is not in the group", error.code);
  }
  const auto* node = result->child("group");
  if (node == nullptr) return fail(Cause::malformed, "an answer without the group that was asked for");
  PIGEOND_TRY(Group told, parse_group(*node));
  if (told.facts.jid != group) return fail(Cause::malformed, "an answer about another group");
  learn(std::move(told));
  Known now = last_known(group);
  if (!now) return fail(Cause::storage, "a group that can't be read back");
  return now;
}

void GroupDirectory::learn_pairs(const std::vector<GroupMember>& members) {
  for (const auto& member : members)
    desk_.lids.learn(member.jid, member.other, LidDirectory::Seen::in_passing);
}

void GroupDirectory::learn(Group group) {
  learn_pairs(group.members);
  take_whole(std::move(group));
}

void GroupDirectory::learn_listed(Group group, LidDirectory::Pairs& pairs) {
  for (const auto& member : group.members) LidDirectory::collect(member.jid, member.other, pairs);
  take_whole(std::move(group));
}

void GroupDirectory::take_whole(Group group) {
  group.facts.present = true;  // others are not told; of some communities' groups not all members are listed
  group.facts.stale = false;
  group.facts.read_at = desk_.context.now.wall;
  save(group.facts);
  rows_.set_members(group.facts.jid, group.members);
}

void GroupDirectory::apply(const wire::Jid& group, const GroupChange& change, const wire::Jid& by,
                           std::int64_t at) {
  learn_pairs(change.members);
  if (change.kind == Kind::created) return learn(*change.whole);
  const Known present = last_known(group);
  if (!present) return;
  switch (change.kind) {
    case Kind::facts: {
      store::GroupRow facts = present->facts;
      apply_facts(change, by, at, facts);
      if (facts != present->facts) save(facts);
      return;
    }
    case Kind::gone:
      return left(group);
    case Kind::unsure:
    case Kind::created:
      return doubt(group);
    case Kind::joined:
    case Kind::left:
    case Kind::promoted:
    case Kind::demoted:
      return change_members(*present, change);
  }
}

// Somebody of whom a row knows nothing, or who is named in the other form: what is known is not the whole.
void GroupDirectory::change_members(const Group& group, const GroupChange& change) {
  const wire::Jid& jid = group.facts.jid;
  const bool lid = group.facts.addressing == Addressing::lid;
  std::vector<GroupMember> put;
  std::vector<wire::Jid> gone;
  bool doubtful = false, own_left = false, own_joined = false;
  for (const auto& member : change.members) {
    const GroupMember* row = group.find(member.jid);
    if (row == nullptr && !member.other.empty()) row = group.find(member.other);
    if (change.kind == Kind::left) {
      own_left = own_left || is_own(member);
      if (row != nullptr) gone.push_back(row->jid);
      continue;
    }
    own_joined = own_joined || (change.kind == Kind::joined && is_own(member));
    if (change.kind == Kind::joined) give_key_again(jid, member);
    GroupMember next = row != nullptr ? *row : member;
    doubtful = doubtful || next.jid.is_lid() != lid || (row == nullptr && change.kind != Kind::joined);
    if (change.kind == Kind::promoted) next.rank = std::max(next.rank, Rank::admin);
    if (change.kind == Kind::demoted) next.rank = Rank::member;
    if (row == nullptr || next != *row) put.push_back(std::move(next));
  }
  store::GroupRow facts = group.facts;
  if (own_left) facts.present = false;
  // Away, it was told nothing, and nothing of its members was kept.
  if (own_joined && !facts.present) doubtful = facts.present = true;
  facts.stale = facts.stale || doubtful;
  if (put.empty() && gone.empty() && facts == group.facts)
    return;  // our own request was answered with the same
  if (facts.present) {
    rows_.remove_members(jid, gone);
    rows_.put_members(jid, put);
  } else {
    gone_from(jid);
  }
  save(facts);
}

// He may have been away, and what was handed out to him meanwhile, by who had not heard of that, did not
// reach him.
void GroupDirectory::give_key_again(const wire::Jid& group, const GroupMember& member) {
  store::GroupKeys(desk_.context.database, desk_.context.session).give_again_to(group, member.jid);
  desk_.changes.tell(member.jid.without_device());
}

// Whoever comes back reads it anew; who has come and gone in the meantime he does not hear.
void GroupDirectory::gone_from(const wire::Jid& group) {
  rows_.set_members(group, {});
  store::GroupKeys(desk_.context.database, desk_.context.session).forget(group);
  desk_.changes.tell(desk_.context.credentials.pn.without_device());
}

void GroupDirectory::doubt(const wire::Jid& group) {
  const Known present = last_known(group);
  if (!present || present->facts.stale) return;
  store::GroupRow facts = present->facts;
  facts.stale = true;
  save(facts);
}

void GroupDirectory::doubt_all() {
  rows_.all_stale();
  listed_ = false;
  forget_cache();
}

void GroupDirectory::left(const wire::Jid& group) {
  const Known present = last_known(group);
  if (!present || !present->facts.present) return;
  store::GroupRow facts = present->facts;
  facts.present = false;
  gone_from(group);
  save(facts);
}

void GroupDirectory::save(const store::GroupRow& facts) {
  rows_.save(facts);
  if (const auto found = cache_.find(facts.jid); found != cache_.end()) {
    cached_members_ -= std::min(cached_members_, found->second->members.size() + 1);
    cache_.erase(found);
  }
}

bool GroupDirectory::is_own(const GroupMember& member) const {
  return desk_.lids.is_own(member.jid) || (!member.other.empty() && desk_.lids.is_own(member.other));
}

void GroupDirectory::forget() {
  forget_cache();
  listed_ = false;
}

void GroupDirectory::forget_cache() {
  cache_.clear();
  cached_members_ = 0;
}

}  // namespace pigeond::engine
