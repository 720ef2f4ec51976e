// Payloads of what happens in groups: WAHA's group.v2.*, and group.join and group.leave of before.
#pragma once

#include "api/json_text.h"
#include "engine/groups/group_event.h"
#include "gateway/events/topic.h"

namespace pigeond::api::waha {

// The members of the payload, of one that is told under `topic`.
void group_payload(JsonText& out, gateway::Topic topic, const engine::GroupEvent& event);

}  // namespace pigeond::api::waha
