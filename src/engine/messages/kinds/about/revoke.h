// Messages that are deleted for everybody.
#pragma once

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// The key says whether it is the own one, or somebody's in a group of which the account is an admin.
Content revoke_content(const wa_MessageKey& target);

}  // namespace pigeond::engine
