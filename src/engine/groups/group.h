// A group as the service describes it, and what a notification says has changed in it.
//
//   <group id="120363…" subject s_t s_o creation creator addressing_mode="pn|lid">
//     <participant jid [phone_number | lid] [type="admin|superadmin"]/>…
//     <description id t participant><body>…</body></description>
//     <announcement/> <locked/> <ephemeral expiration/> <member_add_mode>admin_add</member_add_mode>
//     <membership_approval_mode><group_join state="on"/></membership_approval_mode>
//     <parent/> <linked_parent jid/> <default_sub_group/>
//   </group>
//
// As whatsmeow (parseGroupNode), Baileys (extractGroupMetadata) and whatsapp-rust read it. Strangers choose
// texts and members: what is over these limits is no group, or no text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/account/groups.h"
#include "wire/node.h"

namespace pigeond::engine {

using store::Addressing;
using store::GroupMember;
using store::Rank;

inline constexpr std::size_t kGroupMembers = 10000;  // the service's own limit is lower
inline constexpr std::size_t kGroupText = 8192;      // bytes of a subject, a description or a code
inline constexpr std::size_t kGroupId = 64;          // characters of the user part of a group's JID

struct Group {
  store::GroupRow facts;
  std::vector<GroupMember> members;  // none where it is only looked at from outside

  const GroupMember* find(const wire::Jid& user) const;  // by either form; null: not a member
};

// malformed: no id; too_large: more members than are taken.
Result<Group> parse_group(const wire::Node& group);

// <participant>, with its address turned into the group's form where both are told. nullopt: it names nobody.
std::optional<GroupMember> parse_member(const wire::Node& participant, Addressing addressing);
// The attribute request_method of who asks to join; empty: none that is known.
std::string join_method(const wire::Node& request);

// Those of a list; too_large.
Result<std::vector<GroupMember>> parse_members(const wire::Node& parent, Addressing addressing);

// One child of <notification type="w:gp2">.
struct GroupChange {
  enum class Kind {
    created,   // the account is in a new group, or was added to one: `whole`
    joined,    // members
    left,      // or were removed: members
    promoted,  // members
    demoted,   // members
    facts,     // one of those below
    gone,      // the group
    unsure,    // something that is read anew, such as a member's new number
  };
  Kind kind = Kind::unsure;
  std::vector<GroupMember> members;
  std::string reason;  // "invite": by a link
  std::optional<Group> whole;

  std::optional<std::string> subject, description, description_id, invite;
  std::optional<bool> announce, locked, admins_add, approval;
  std::optional<std::int64_t> ephemeral;  // seconds
};

// nullopt: nothing that is known here. Errors as those of parse_group.
Result<std::optional<GroupChange>> parse_change(const wire::Node& action, Addressing addressing);

// What it says of subject, description and settings. `by` and `at` (unix seconds) are the notification's.
void apply_facts(const GroupChange& change, const wire::Jid& by, std::int64_t at, store::GroupRow& facts);

}  // namespace pigeond::engine
