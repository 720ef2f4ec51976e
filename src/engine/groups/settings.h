// What a group is called, and what its members may do.
#pragma once

#include <string>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

// Errors: those of group_refusal (refusals.h).
void set_group_subject(Desk& desk, const wire::Jid& group, const std::string& subject,
                       Answered<bool> answered);
// Empty: none. Somebody else's that came in between is not overwritten unseen: what is there is asked for and
// the change tried once more, then too_late.
void set_group_description(Desk& desk, const wire::Jid& group, const std::string& text,
                           Answered<bool> answered);

enum class GroupSetting {
  announce,    // only admins write
  locked,      // only admins change subject, description and picture
  admins_add,  // only admins add members
  approval,    // admins approve who joins
};
void set_group_setting(Desk& desk, const wire::Jid& group, GroupSetting setting, bool on,
                       Answered<bool> answered);
// Messages vanish after so many seconds: 0 (they stay), 86400, 604800 or 7776000.
void set_group_timer(Desk& desk, const wire::Jid& group, std::int64_t seconds, Answered<bool> answered);

}  // namespace pigeond::engine
