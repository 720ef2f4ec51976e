// X25519 (RFC 7748) on libsodium, and XEdDSA (Signal's "The XEdDSA and VXEdDSA Signature Schemes") on
// libsignal-protocol-c. Public keys are 32 bytes everywhere in pigeond; Signal's type byte 05 is added where
// a layout asks for it.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace pigeond::crypto {

using Signature = std::array<std::uint8_t, 64>;

struct KeyPair {
  Key32 priv{};
  Key32 pub{};
};

// The private key comes back in the form of RFC 7748 (clamped), which libsignal-protocol-c expects of its
// callers.
KeyPair generate_key_pair(Random& random);
KeyPair key_pair_from_private(const Key32& priv);

// An all-zero result (a public key of small order) is bad_input.
Result<Key32> agree(const Key32& priv, ByteView pub);

Signature sign(const Key32& priv, ByteView message, Random& random);
bool verify(ByteView pub, ByteView message, ByteView signature);  // false for wrong lengths too

// 05 || pub: Signal's serialised form, 33 bytes.
Bytes with_type_byte(ByteView pub);

}  // namespace pigeond::crypto
