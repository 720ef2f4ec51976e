// The name under which libsignal-protocol-c asks for X25519 (RFC 7748), on libsodium. Its own is written for
// machines of 32 bits. Libsodium is not initialised: that chooses code by the CPU, and what it would choose
// makes public keys more slowly; nothing of its random numbers is used here.
#include <sodium.h>
#include <string.h>

// 32 bytes each. 0, or -1 for a point of small order, with which no secret can be agreed.
int curve25519_donna(unsigned char* out, const unsigned char* scalar, const unsigned char* point) {
  static const unsigned char base[crypto_scalarmult_BYTES] = {9};
  if (memcmp(point, base, sizeof base) == 0) return crypto_scalarmult_curve25519_base(out, scalar);
  return crypto_scalarmult_curve25519(out, scalar, point);
}
