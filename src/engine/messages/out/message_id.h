// Ids of messages we send. They only have to be unique for the sender; "3EB0" marks a web companion.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/random.h"

namespace pigeond::engine {

// whatsmeow's rule: "3EB0" + the first 9 bytes, in upper-case hex, of SHA-256(seconds as u64 big-endian ||
// own user digits || "@c.us" || 16 random bytes). 22 characters.
std::string message_id(std::int64_t unix_seconds, const std::string& own_user, ByteView random16);
std::string make_message_id(std::int64_t unix_seconds, const std::string& own_user, Random& random);

}  // namespace pigeond::engine
