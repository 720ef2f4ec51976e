#include "sandbox/accounts/adv.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::sandbox {
namespace {

constexpr std::array<std::uint8_t, 2> kAccountPrefix = {6, 0};
constexpr std::array<std::uint8_t, 2> kDevicePrefix = {6, 1};
constexpr std::array<std::uint8_t, 2> kKeyIndexPrefix = {6, 2};

std::optional<Key32> key_of(std::string_view text) {
  const auto bytes = parse_base64(text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  Key32 key;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

}  // namespace

wa_ADVSignedDeviceIdentity sign_device_identity(const crypto::KeyPair& primary, const Key32& identity,
                                                std::uint32_t raw_id, std::uint32_t key_index,
                                                std::int64_t unix_now, Random& random) {
  wa_ADVDeviceIdentity details{};
  details.has_rawID = true;
  details.rawID = raw_id;
  details.has_timestamp = true;
  details.timestamp = static_cast<std::uint64_t>(unix_now);
  details.has_keyIndex = true;
  details.keyIndex = key_index;
  wa_ADVSignedDeviceIdentity result{};
  result.details = wire::proto::encode(details);
  result.accountSignatureKey = to_bytes(primary.pub);
  const auto signature =
      crypto::sign(primary.priv, concat({kAccountPrefix, result.details, identity}), random);
  result.accountSignature = to_bytes(signature);
  return result;
}

Bytes sign_key_index_list(const crypto::KeyPair& primary, std::uint32_t raw_id,
                          const std::vector<std::uint32_t>& valid, std::uint32_t current,
                          std::int64_t unix_now, Random& random) {
  wa_ADVKeyIndexList list{};
  list.has_rawID = true;
  list.rawID = raw_id;
  list.has_timestamp = true;
  list.timestamp = static_cast<std::uint64_t>(unix_now);
  list.has_currentIndex = true;
  list.currentIndex = current;
  list.validIndexes = valid;
  wa_ADVSignedKeyIndexList result{};
  result.details = wire::proto::encode(list);
  result.accountSignature =
      to_bytes(crypto::sign(primary.priv, concat({kKeyIndexPrefix, result.details}), random));
  result.accountSignatureKey = to_bytes(primary.pub);
  return wire::proto::encode(result);
}

bool account_signature_holds(const wa_ADVSignedDeviceIdentity& signed_identity, const Key32& identity) {
  return crypto::verify(signed_identity.accountSignatureKey,
                        concat({kAccountPrefix, signed_identity.details, identity}),
                        signed_identity.accountSignature);
}

bool device_signature_holds(const wa_ADVSignedDeviceIdentity& signed_identity, const Key32& identity,
                            const Key32& primary) {
  return crypto::verify(identity, concat({kDevicePrefix, signed_identity.details, identity, primary}),
                        signed_identity.deviceSignature);
}

Result<QrCode> parse_qr(std::string_view text) {
  if (const auto hash = text.rfind('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
  const auto parts = split(trim(text), ',');
  if (parts.size() != 4 && parts.size() != 5) return fail(Cause::bad_input, "qr: not REF,KEY,KEY,KEY[,TYPE]");
  QrCode code;
  code.ref = std::string(parts[0]);
  const auto noise = key_of(parts[1]), identity = key_of(parts[2]), secret = key_of(parts[3]);
  if (code.ref.empty() || !noise || !identity || !secret)
    return fail(Cause::bad_input, "qr: a key is not 32 bytes in base64");
  code.noise_key = *noise;
  code.identity = *identity;
  code.adv_secret = *secret;
  if (parts.size() == 5) code.type = std::string(parts[4]);
  return code;
}

}  // namespace pigeond::sandbox
