// How the service describes groups and their members: the forms that whatsmeow (parseGroupNode), Baileys
// (extractGroupMetadata) and whatsapp-rust read.
#pragma once

#include "sandbox/groups/group.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

constexpr std::size_t kSubject = 100;  // characters of UTF-8 (whatsapp-rust's GROUP_SUBJECT_MAX_LENGTH)
std::size_t characters(const std::string& utf8);

// <participant jid phone_number|lid [type]>, in the group's form with the other one beside it. Of somebody
// who hides the number neither is told: a masked one is.
wire::Node participant_node(const World& world, const Group& group, const std::string& phone);
// <group>; `members`: with all participants.
wire::Node group_node(const World& world, const Group& group, bool members = true);

}  // namespace pigeond::sandbox
