// The keys of linking by a code of eight characters, which a person types into the phone. Whoever does not
// know the code can't stand between: both ephemeral keys travel wrapped under it.
//
//   wrapped key   salt (32) || counter block (16) ||
//                 AES-256-CTR(key of the code and salt, X25519 public key (32))
//
//   key bundle    salt (32) || nonce (12) ||
//                 AES-256-GCM(our identity (32) || the phone's (32) || random (32)), tag (16)
//
// The key of a code is PBKDF2-HMAC-SHA256 of its eight letters; that of the bundle HKDF-SHA256 of what the
// ephemeral keys agree on; the ADV secret that comes of it HKDF-SHA256 of that, of what the identity keys
// agree on, and of the random bytes. As whatsmeow's pair-code.go and whatsapp-rust's wacore/src/pair_code.rs
// have it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/pbkdf2.h"

namespace pigeond::engine {

inline constexpr std::size_t kWrappedKey = 80;  // bytes

// 40 bits as eight characters of "123456789ABCDEFGHJKLMNPQRSTVWXYZ", the most significant first.
std::string code_letters(const std::array<std::uint8_t, 5>& bits);
std::string grouped(const std::string& letters);  // "ABCD-EFGH", as people read it

// Under the key that a code and a salt make; the salt is the first 32 bytes of a wrapped key.
crypto::Pbkdf2 stretched(const std::string& letters, ByteView salt);

Bytes wrap_key(const Key32& code_key, ByteView salt, const Key32& pub, Random& random);
Key32 unwrap_key(const Key32& code_key,
                 ByteView wrapped);  // kWrappedKey bytes; a wrong code gives another key

struct KeyBundle {
  Bytes wrapped;
  Key32 adv_secret{};
};
// bad_input: a key of the phone's is none.
Result<KeyBundle> seal_key_bundle(const crypto::KeyPair& ephemeral, const Key32& primary_ephemeral,
                                  const crypto::KeyPair& identity, ByteView primary_identity, Random& random);

}  // namespace pigeond::engine
