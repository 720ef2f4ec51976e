#include "crypto/curve.h"

#include <sodium/crypto_scalarmult_curve25519.h>

#include <algorithm>
#include <cstdlib>

// Inside libsignal-protocol-c, below its installed headers: the XEdDSA code with the layout of all Signal
// clients (the sign of the Edwards key in the top bit of S, messages of any length).
extern "C" {
int curve25519_sign(unsigned char* signature, const unsigned char* secret, const unsigned char* message,
                    unsigned long length, const unsigned char* random);
int curve25519_verify(const unsigned char* signature, const unsigned char* key, const unsigned char* message,
                      unsigned long length);
}

namespace pigeond::crypto {
namespace {

constexpr std::uint8_t kTypeByte = 5;  // Signal's DJB_TYPE

// RFC 7748 section 5: the form of a scalar. The library leaves this to its caller.
Key32 clamped(Key32 scalar) {
  scalar[0] &= 248;
  scalar[31] &= 127;
  scalar[31] |= 64;
  return scalar;
}

}  // namespace

KeyPair generate_key_pair(Random& random) {
  return key_pair_from_private(clamped(random.array<32>()));
}

KeyPair key_pair_from_private(const Key32& priv) {
  KeyPair pair{clamped(priv), {}};
  crypto_scalarmult_curve25519_base(pair.pub.data(), pair.priv.data());
  return pair;
}

Result<Key32> agree(const Key32& priv, ByteView pub) {
  if (pub.size() != 32) return fail(Cause::bad_input, "public key size");
  const Key32 scalar = clamped(priv);
  Key32 shared;
  if (crypto_scalarmult_curve25519(shared.data(), scalar.data(), pub.data()) != 0)
    return fail(Cause::bad_input, "public key of small order");
  return shared;
}

Signature sign(const Key32& priv, ByteView message, Random& random) {
  const Key32 scalar = clamped(priv);
  const auto nonce = random.array<64>();
  static constexpr std::uint8_t kNothing = 0;
  Signature out;
  // Fails only when malloc does.
  if (curve25519_sign(out.data(), scalar.data(), message.empty() ? &kNothing : message.data(), message.size(),
                      nonce.data()) != 0)
    std::abort();
  return out;
}

bool verify(ByteView pub, ByteView message, ByteView signature) {
  if (pub.size() != 32 || signature.size() != 64) return false;
  static constexpr std::uint8_t kNothing = 0;
  return curve25519_verify(signature.data(), pub.data(), message.empty() ? &kNothing : message.data(),
                           message.size()) == 0;
}

Bytes with_type_byte(ByteView pub) {
  Bytes out;
  out.reserve(1 + pub.size());
  out.push_back(kTypeByte);
  out.insert(out.end(), pub.begin(), pub.end());
  return out;
}

}  // namespace pigeond::crypto
