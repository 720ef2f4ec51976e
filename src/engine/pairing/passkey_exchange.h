// The keys of linking with a passkey, which whatsapp-rust's wacore/src/shortcake.rs and whatsmeow's
// pair-passkey.go call by the web client's name, shortcake. Both sides commit to what they show before they
// see the other's, so that the code that a person compares can't be chosen by whoever stands between.
//
//   identity     CompanionEphemeralIdentity { our X25519 key, kind of device, the service's reference }
//   prologue     ProloguePayload { identity, SHA-256(identity || our nonce) }
//   code         the first 5 bytes of  the phone's nonce  XOR  SHA-256(our nonce || the phone's key), in
//   letters key          HKDF-SHA256 of what the X25519 keys agree on; salt "Companion Pairing KIND with ref
//   REFERENCE",
//                info "Pairing Information Encryption Key"
//   request      EncryptedPairingRequest { AES-256-GCM(PairingRequest { our keys, a new ADV secret }), its
//   nonce }
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace pigeond::engine {

// What a person's authenticator has signed (W3C Web Authentication, AuthenticationResponseJSON), decoded.
struct PasskeyAssertion {
  Bytes credential_id;
  Bytes client_data;  // the JSON that names challenge and origin
  Bytes authenticator_data;
  Bytes signature;
  Bytes user_handle;  // may be empty
};
std::string assertion_json(
    const PasskeyAssertion& assertion);  // binary values in base64url, as the service reads it

struct PasskeyOffer {
  crypto::KeyPair ephemeral;
  Key32 nonce{};
  std::uint32_t device_type = 0;  // DeviceProps.PlatformType
  std::string ref;
};
Bytes passkey_prologue(const PasskeyOffer& offer);

struct PrimaryEphemeral {
  Key32 pub{}, nonce{};
};
Result<PrimaryEphemeral> read_primary_ephemeral(ByteView bytes);  // malformed

std::string comparison_code(const PasskeyOffer& offer, const PrimaryEphemeral& primary);  // eight letters
Result<Key32> passkey_key(const PasskeyOffer& offer,
                          const PrimaryEphemeral& primary);  // bad_input: no such key
Bytes seal_pairing_request(const Key32& key, const Key32& noise_public, const Key32& identity_public,
                           const Key32& adv_secret, Random& random);

}  // namespace pigeond::engine
