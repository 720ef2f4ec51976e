// The server's certificate chain: root key -> intermediate -> leaf, whose key must be the Noise static key.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace pigeond::wire {

// WhatsApp's root, as every open client carries it.
extern const Key32 kWhatsAppRootKey;

// The full check: both parts present and signed (XEdDSA over the details as received), issuer serial 0 for
// the intermediate, leaf issued by the intermediate, both in time, leaf key equal to the handshake's static
// key. `unix_now` in seconds. A chain that is out of time names the clock in Error::detail.
Status verify_certificate_chain(ByteView chain, const Key32& root_key, const Key32& static_key,
                                std::int64_t unix_now);

// What a test server shows: a chain below a root of its own.
struct CertificateAuthority {
  crypto::KeyPair root;
  crypto::KeyPair intermediate;
  std::uint32_t intermediate_serial = 3;
  std::uint32_t leaf_serial = 329;
};
Bytes issue_certificate_chain(const CertificateAuthority& authority, const Key32& leaf_key,
                              std::int64_t not_before, std::int64_t not_after, Random& random);

}  // namespace pigeond::wire
