// The part of a PreKeySignalMessage that a server can read: which keys it was made with.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace pigeond::sandbox {

struct PreKeyMessage {
  std::uint32_t registration_id = 0;
  std::optional<std::uint32_t> pre_key_id;
  std::uint32_t signed_pre_key_id = 0;
  Bytes base_key;  // 33 bytes
  Bytes identity;  // 32 bytes, without the type byte
};

// Version byte 33, then the protobuf: 1 pre-key id, 2 base key, 3 identity, 4 message, 5 registration id, 6
// signed pre-key id. nullopt if it is not one.
std::optional<PreKeyMessage> parse_pkmsg(ByteView bytes);

}  // namespace pigeond::sandbox
