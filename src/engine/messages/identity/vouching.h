// A companion's keys are good if its account vouches for them: ones that were mixed up or forged are told
// from others before anything is encrypted for them. The account's key that comes with them is not held
// against the identity that is known of its phone: of somebody who registered anew the two differ until that
// is heard of.
#pragma once

#include "engine/messages/desk.h"

namespace pigeond::engine {

// `keys`: the node in which <device-identity> stands beside the identity key `identity` of `device`.
// malformed, bad_signature: it is forged. What has none, or none that can be checked, passes, as with
// whatsapp-rust: whoever forges could leave it out, and some devices of before have none.
Status vouched(Desk& desk, const wire::Jid& device, const wire::Node& keys, const Key32& identity);

}  // namespace pigeond::engine
