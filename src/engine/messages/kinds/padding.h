// The padding of `enc v="2"` plaintexts: n bytes of value n behind the message, which hides its exact length.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace pigeond::engine {

// count: 1 to 255.
Bytes padded(ByteView message, std::uint8_t count);
// 1 to 15 bytes, as whatsmeow does (Baileys goes up to 16). Each copy of a message gets its own.
Bytes padded(ByteView message, Random& random);
// malformed: empty, or not padded with n times n (whatsmeow checks all n bytes too).
Result<ByteView> unpadded(ByteView plaintext);

}  // namespace pigeond::engine
