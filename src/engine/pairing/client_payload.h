// The ClientPayload of a login, and of a registration that asks for a link (inside clientFinish).
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"
#include "engine/context.h"
#include "store/account/credentials.h"
#include "store/account/signal_rows.h"

namespace pigeond::engine {

std::array<std::uint8_t, 16> build_hash(
    const std::string& version_text);  // MD5, as the registration carries it

// Serialised. A linked account names itself and its device; one that isn't linked brings its keys.
Bytes login_payload(const ClientProfile& profile, const store::Credentials& credentials);
Bytes registration_payload(const ClientProfile& profile, const store::Credentials& credentials,
                           const store::SignedPreKeyRow& signed_pre_key);

}  // namespace pigeond::engine
