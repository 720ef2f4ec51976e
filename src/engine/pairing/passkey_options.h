// What the service asks a passkey for: PublicKeyCredentialRequestOptions as JSON (W3C Web Authentication,
// section 5.5, with binary values in base64url). It comes from the service, goes to a person's browser, and
// is shown to programs: read strictly here, and written anew, so that nothing passes that nobody has looked
// at.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::engine {

// The same options with their known members only: challenge, timeout, rpId, allowCredentials (id, type,
// transports), userVerification, extensions. malformed: no challenge, or a member of another type.
Result<std::string> read_passkey_options(ByteView json);

}  // namespace pigeond::engine
