// <notification type="w:gp2" from=GROUP participant=WHO [participant_pn] t [addressing_mode]>: what happens
// in groups. Rows are brought up to it, pairs of number and LID are learnt, and programs are told.
#pragma once

#include "wire/node.h"

namespace pigeond::engine {

struct Desk;

// False: it is none of these, or not from a group.
bool take_group_notification(Desk& desk, const wire::Node& notification);

}  // namespace pigeond::engine
