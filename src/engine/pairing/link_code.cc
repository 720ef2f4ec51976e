#include "engine/pairing/link_code.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"

namespace pigeond::engine {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
constexpr unsigned kRounds = 131072;
constexpr std::size_t kSalt = 32, kCounter = 16, kNonce = 12;

Key32 key32(ByteView bytes) {
  Key32 key{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
  return key;
}

}  // namespace

std::string code_letters(const std::array<std::uint8_t, 5>& bits) {
  std::string out;
  for (std::uint64_t number = read_be(bits), shift = 40; shift > 0; shift -= 5)
    out += kAlphabet[(number >> (shift - 5)) & 31];
  return out;
}

std::string grouped(const std::string& letters) {
  return letters.substr(0, 4) + "-" + letters.substr(4);
}

crypto::Pbkdf2 stretched(const std::string& letters, ByteView salt) {
  return {as_bytes(letters), salt.first(kSalt), kRounds};
}

Bytes wrap_key(const Key32& code_key, ByteView salt, const Key32& pub, Random& random) {
  const Bytes counter = random.bytes(kCounter);
  return concat({salt, counter, crypto::aes_ctr(code_key, counter, pub)});
}

Key32 unwrap_key(const Key32& code_key, ByteView wrapped) {
  return key32(
      crypto::aes_ctr(code_key, wrapped.subspan(kSalt, kCounter), wrapped.subspan(kSalt + kCounter)));
}

Result<KeyBundle> seal_key_bundle(const crypto::KeyPair& ephemeral, const Key32& primary_ephemeral,
                                  const crypto::KeyPair& identity, ByteView primary_identity,
                                  Random& random) {
  PIGEOND_TRY(const Key32 shared, crypto::agree(ephemeral.priv, primary_ephemeral));
  PIGEOND_TRY(const Key32 identities, crypto::agree(identity.priv, primary_identity));
  const Bytes salt = random.bytes(kSalt), nonce = random.bytes(kNonce);
  const auto secret = random.array<32>();
  const Bytes key = crypto::hkdf_sha256(salt, shared, as_bytes("link_code_pairing_key_bundle_encryption_key"),
                                        sizeof(Key32));
  KeyBundle out;
  out.wrapped = concat(
      {salt, nonce, crypto::aes_gcm_seal(key, nonce, {}, concat({identity.pub, primary_identity, secret}))});
  out.adv_secret = key32(
      crypto::hkdf_sha256({}, concat({shared, identities, secret}), as_bytes("adv_secret"), sizeof(Key32)));
  return out;
}

}  // namespace pigeond::engine
