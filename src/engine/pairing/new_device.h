// A companion device before its first connection: keys, registration id, ADV secret.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "store/account/credentials.h"
#include "store/account/signal_rows.h"

namespace pigeond::engine {

// Makes and stores credentials with a first signed pre-key. `unix_now` in seconds.
store::Credentials create_device(store::Database& database, std::int64_t session, std::int64_t unix_now,
                                 Random& random);

// A signed pre-key as the store keeps it.
store::SignedPreKeyRow create_signed_pre_key(std::uint32_t id, const crypto::KeyPair& identity,
                                             std::int64_t unix_now, Random& random);

}  // namespace pigeond::engine
