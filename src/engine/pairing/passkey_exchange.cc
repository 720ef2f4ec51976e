#include "engine/pairing/passkey_exchange.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "engine/pairing/link_code.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kNonce = 12;

std::optional<Key32> key32(const Bytes& bytes) {
  Key32 key;
  if (bytes.size() != key.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Bytes identity_of(const PasskeyOffer& offer) {
  wa_CompanionEphemeralIdentity identity{};
  identity.publicKey = to_bytes(offer.ephemeral.pub);
  identity.has_deviceType = true;
  identity.deviceType = static_cast<std::int32_t>(offer.device_type);
  identity.ref = offer.ref;
  return wire::proto::encode(identity);
}

}  // namespace

// Nothing in it needs an escape.
std::string assertion_json(const PasskeyAssertion& assertion) {
  const std::string id = base64url(assertion.credential_id);
  const std::string user =
      assertion.user_handle.empty() ? "null" : '"' + base64url(assertion.user_handle) + '"';
  return R"({"id":")" + id + R"(","rawId":")" + id +
         R"(","type":"public-key","response":{"clientDataJSON":")" + base64url(assertion.client_data) +
         R"(","authenticatorData":")" + base64url(assertion.authenticator_data) + R"(","signature":")" +
         base64url(assertion.signature) + R"(","userHandle":)" + user + "}}";
}

Bytes passkey_prologue(const PasskeyOffer& offer) {
  wa_ProloguePayload prologue{};
  prologue.companionEphemeralIdentity = identity_of(offer);
  prologue.has_commitment = true;
  prologue.commitment.hash = to_bytes(crypto::sha256({prologue.companionEphemeralIdentity, offer.nonce}));
  return wire::proto::encode(prologue);
}

Result<PrimaryEphemeral> read_primary_ephemeral(ByteView bytes) {
  PIGEOND_TRY(const auto identity, wire::proto::decode<wa_PrimaryEphemeralIdentity>(bytes));
  const auto pub = key32(identity.publicKey), nonce = key32(identity.nonce);
  if (!pub || !nonce) return fail(Cause::malformed, "the phone's key or nonce is not 32 bytes");
  return PrimaryEphemeral{*pub, *nonce};
}

std::string comparison_code(const PasskeyOffer& offer, const PrimaryEphemeral& primary) {
  const Key32 digest = crypto::sha256({offer.nonce, primary.pub});
  std::array<std::uint8_t, 5> bits;
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = primary.nonce[i] ^ digest[i];
  return code_letters(bits);
}

Result<Key32> passkey_key(const PasskeyOffer& offer, const PrimaryEphemeral& primary) {
  PIGEOND_TRY(const Key32 shared, crypto::agree(offer.ephemeral.priv, primary.pub));
  const std::string salt =
      "Companion Pairing " + std::to_string(offer.device_type) + " with ref " + offer.ref;
  return *key32(crypto::hkdf_sha256(as_bytes(salt), shared, as_bytes("Pairing Information Encryption Key"),
                                    sizeof(Key32)));
}

Bytes seal_pairing_request(const Key32& key, const Key32& noise_public, const Key32& identity_public,
                           const Key32& adv_secret, Random& random) {
  wa_PairingRequest request{};
  request.companionPublicKey = to_bytes(noise_public);
  request.companionIdentityKey = to_bytes(identity_public);
  request.advSecret = to_bytes(adv_secret);
  wa_EncryptedPairingRequest sealed{};
  sealed.IV = random.bytes(kNonce);
  sealed.encryptedPayload = crypto::aes_gcm_seal(key, sealed.IV, {}, wire::proto::encode(request));
  return wire::proto::encode(sealed);
}

}  // namespace pigeond::engine
