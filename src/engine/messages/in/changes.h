// Notifications that change what we know of users: devices, identities, privacy tokens.
#pragma once

#include "engine/messages/desk.h"
#include "store/account/privacy_tokens.h"

namespace pigeond::engine {

// False: another kind, not ours to answer. True: taken over; the caller acknowledges.
bool take_change(Desk& desk, const wire::Node& notification);

}  // namespace pigeond::engine
