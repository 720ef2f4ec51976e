#include "crypto/ecdsa.h"

#include <bearssl.h>

#include "crypto/hash.h"

namespace pigeond::crypto {

bool verify_p256(ByteView point, ByteView message, ByteView signature) {
  constexpr std::size_t kPoint = 65;
  if (point.size() != kPoint) return false;
  Bytes copy = to_bytes(point);  // BearSSL wants one that is not const
  const br_ec_public_key key = {BR_EC_secp256r1, copy.data(), copy.size()};
  const Key32 digest = sha256(message);
  return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), digest.data(), digest.size(), &key,
                                          signature.data(), signature.size()) == 1;
}

}  // namespace pigeond::crypto
