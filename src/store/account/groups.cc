#include "store/account/groups.h"

#include <unordered_map>

#include "store/jid_column.h"

namespace pigeond::store {
namespace {

// As `flags` has them.
constexpr std::int64_t kAnnounce = 1, kLocked = 2, kAdminsAdd = 4, kApproval = 8, kCommunity = 16,
                       kDefaultPart = 32, kPresent = 64, kStale = 128;

#define PIGEOND_GROUP_COLUMNS                                                                       \
  "jid, addressing, subject, subject_at, subject_by, description, description_id, description_at, " \
  "description_by, created, creator, flags, ephemeral, parent, read_ms"

// An account that is being erased keeps its rows for a while, under names that no group has.
#define PIGEOND_NOT_ERASED " AND jid >= '0'"

std::string text_of(const wire::Jid& jid) {
  return jid.empty() ? std::string() : jid.text();
}

std::int64_t flags_of(const GroupRow& row) {
  return (row.announce ? kAnnounce : 0) | (row.locked ? kLocked : 0) | (row.admins_add ? kAdminsAdd : 0) |
         (row.approval ? kApproval : 0) | (row.community ? kCommunity : 0) |
         (row.default_part ? kDefaultPart : 0) | (row.present ? kPresent : 0) | (row.stale ? kStale : 0);
}

GroupRow read_row(const Statement& row) {
  GroupRow out;
  out.jid = jid_column(row, 0);
  out.addressing = row.integer(1) == 2 ? Addressing::lid : Addressing::pn;
  out.subject = row.text(2);
  out.subject_at = row.integer(3);
  out.subject_by = jid_column(row, 4);
  out.description = row.text(5);
  out.description_id = row.text(6);
  out.description_at = row.integer(7);
  out.description_by = jid_column(row, 8);
  out.created = row.integer(9);
  out.creator = jid_column(row, 10);
  const std::int64_t flags = row.integer(11);
  out.announce = (flags & kAnnounce) != 0;
  out.locked = (flags & kLocked) != 0;
  out.admins_add = (flags & kAdminsAdd) != 0;
  out.approval = (flags & kApproval) != 0;
  out.community = (flags & kCommunity) != 0;
  out.default_part = (flags & kDefaultPart) != 0;
  out.present = (flags & kPresent) != 0;
  out.stale = (flags & kStale) != 0;
  out.ephemeral = row.integer(12);
  out.parent = jid_column(row, 13);
  out.read_at = row.integer(14);
  return out;
}

Rank rank_of(std::int64_t stored) {
  return stored == 2 ? Rank::owner : stored == 1 ? Rank::admin : Rank::member;
}

}  // namespace

std::optional<std::int64_t> Groups::row_of(const wire::Jid& group) {
  const std::string jid = group.text();
  auto row = database_.prepare("SELECT id FROM group_chat WHERE session_id = ? AND jid = ?");
  if (!row.bind(session_).bind(jid).step()) return std::nullopt;
  return row.integer(0);
}

std::optional<GroupRow> Groups::find(const wire::Jid& group) {
  const std::string jid = group.text();
  auto row =
      database_.prepare("SELECT " PIGEOND_GROUP_COLUMNS " FROM group_chat WHERE session_id = ? AND jid = ?");
  if (!row.bind(session_).bind(jid).step()) return std::nullopt;
  return read_row(row);
}

// An UPSERT, since REPLACE would take the members along.
void Groups::save(const GroupRow& row) {
  const std::string jid = row.jid.text(), subject_by = text_of(row.subject_by),
                    description_by = text_of(row.description_by), creator = text_of(row.creator),
                    parent = text_of(row.parent);
  database_
      .prepare("INSERT INTO group_chat (" PIGEOND_GROUP_COLUMNS
               ", session_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (session_id, jid) DO UPDATE SET addressing = excluded.addressing,"
               " subject = excluded.subject, subject_at = excluded.subject_at,"
               " subject_by = excluded.subject_by, description = excluded.description,"
               " description_id = excluded.description_id, description_at = excluded.description_at,"
               " description_by = excluded.description_by, created = excluded.created,"
               " creator = excluded.creator, flags = excluded.flags, ephemeral = excluded.ephemeral,"
               " parent = excluded.parent, read_ms = excluded.read_ms")
      .bind(jid)
      .bind(static_cast<std::int64_t>(row.addressing))
      .bind(row.subject)
      .bind(row.subject_at)
      .bind(subject_by)
      .bind(row.description)
      .bind(row.description_id)
      .bind(row.description_at)
      .bind(description_by)
      .bind(row.created)
      .bind(creator)
      .bind(flags_of(row))
      .bind(row.ephemeral)
      .bind(parent)
      .bind(row.read_at)
      .bind(session_)
      .run();
}

std::vector<GroupMember> Groups::members(const wire::Jid& group) {
  std::vector<GroupMember> out;
  const auto id = row_of(group);
  if (!id) return out;
  auto row = database_.prepare("SELECT user, other, rank FROM group_member WHERE group_id = ? ORDER BY user");
  row.bind(*id);
  while (row.step()) out.push_back({jid_column(row, 0), jid_column(row, 1), rank_of(row.integer(2))});
  return out;
}

void Groups::set_members(const wire::Jid& group, const std::vector<GroupMember>& members) {
  std::unordered_map<wire::Jid, const GroupMember*> wanted;
  for (const auto& member : members) wanted.emplace(member.jid, &member);
  std::vector<wire::Jid> gone;
  for (const auto& known : this->members(group)) {
    const auto found = wanted.find(known.jid);
    if (found == wanted.end())
      gone.push_back(known.jid);
    else if (*found->second == known)
      wanted.erase(found);
  }
  std::vector<GroupMember> changed;
  changed.reserve(wanted.size());
  for (const auto& member : members)
    if (const auto found = wanted.find(member.jid); found != wanted.end() && found->second == &member)
      changed.push_back(member);
  remove_members(group, gone);
  put_members(group, changed);
}

void Groups::put_members(const wire::Jid& group, const std::vector<GroupMember>& members) {
  if (members.empty()) return;
  const auto id = row_of(group);
  if (!id) return;
  auto statement = database_.prepare(
      "INSERT OR REPLACE INTO group_member (group_id, user, other, rank) VALUES (?, ?, ?, ?)");
  for (const auto& member : members) {
    const std::string user = member.jid.text(), other = text_of(member.other);
    statement.again().bind(*id).bind(user).bind(other).bind(static_cast<std::int64_t>(member.rank)).run();
  }
}

void Groups::remove_members(const wire::Jid& group, const std::vector<wire::Jid>& members) {
  if (members.empty()) return;
  const auto id = row_of(group);
  if (!id) return;
  auto statement = database_.prepare("DELETE FROM group_member WHERE group_id = ? AND user = ?");
  for (const auto& member : members) {
    const std::string user = member.text();
    statement.again().bind(*id).bind(user).run();
  }
}

void Groups::all_stale() {
  database_
      .prepare("UPDATE group_chat SET flags = flags | ?2 WHERE session_id = ?1" PIGEOND_NOT_ERASED
               " AND flags & ?2 = 0")
      .bind(session_)
      .bind(kStale)
      .run();
}

std::vector<GroupRow> Groups::present() {
  std::vector<GroupRow> out;
  auto row = database_.prepare("SELECT " PIGEOND_GROUP_COLUMNS
                               " FROM group_chat WHERE session_id = ?1" PIGEOND_NOT_ERASED
                               " AND flags & ?2 <> 0 ORDER BY jid");
  row.bind(session_).bind(kPresent);
  while (row.step()) out.push_back(read_row(row));
  return out;
}

std::int64_t Groups::count() {
  auto row = database_.prepare("SELECT count(*) FROM group_chat WHERE session_id = ?1" PIGEOND_NOT_ERASED
                               " AND flags & ?2 <> 0");
  return row.bind(session_).bind(kPresent).step() ? row.integer(0) : 0;
}

}  // namespace pigeond::store
