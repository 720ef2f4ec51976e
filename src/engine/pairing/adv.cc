#include "engine/pairing/adv.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

using Prefix = std::array<std::uint8_t, 2>;

constexpr Prefix kAccountPrefix = {6, 0};
constexpr Prefix kDevicePrefix = {6, 1};  // for hosted devices too, as whatsmeow and Baileys sign
constexpr Prefix kHostedAccountPrefix = {6, 5};
constexpr Prefix kHostedDevicePrefix = {6, 6};  // of some others

Status check_hmac(const wa_ADVSignedDeviceIdentityHMAC& container, const Key32& adv_secret) {
  const bool hosted = container.has_accountType && container.accountType == wa_ADVEncryptionType_HOSTED;
  const ByteView prefix = hosted ? ByteView(kHostedAccountPrefix) : ByteView();
  const Key32 expected = crypto::hmac_sha256(adv_secret, {prefix, container.details});
  if (!equal_constant_time(expected, container.hmac)) return fail(Cause::bad_mac, "device identity's HMAC");
  return {};
}

}  // namespace

Result<DeviceIdentity> accept_device_identity(ByteView bytes, const Key32& adv_secret,
                                              const crypto::KeyPair& identity, Random& random) {
  PIGEOND_TRY(const auto container, wire::proto::decode<wa_ADVSignedDeviceIdentityHMAC>(bytes));
  PIGEOND_CHECK(check_hmac(container, adv_secret));

  PIGEOND_TRY(auto signed_identity, wire::proto::decode<wa_ADVSignedDeviceIdentity>(container.details));
  PIGEOND_TRY(const auto details, wire::proto::decode<wa_ADVDeviceIdentity>(signed_identity.details));
  const Bytes& account_key = signed_identity.accountSignatureKey;
  const bool hosted = details.has_deviceType && details.deviceType == wa_ADVEncryptionType_HOSTED;
  const Bytes account_message =
      concat({hosted ? kHostedAccountPrefix : kAccountPrefix, signed_identity.details, identity.pub});
  if (account_key.size() != sizeof(Key32) ||
      !crypto::verify(account_key, account_message, signed_identity.accountSignature))
    return fail(Cause::bad_signature, "device identity's account signature");

  const Bytes device_message = concat({kDevicePrefix, signed_identity.details, identity.pub, account_key});
  signed_identity.deviceSignature = to_bytes(crypto::sign(identity.priv, device_message, random));

  DeviceIdentity out;
  out.key_index = details.has_keyIndex ? details.keyIndex : 0;
  std::copy(account_key.begin(), account_key.end(), out.account_key.begin());
  out.stored = wire::proto::encode(signed_identity);
  signed_identity.accountSignatureKey.clear();
  out.reply = wire::proto::encode(signed_identity);
  return out;
}

// A prefix only tells signatures apart: whichever the signer took is good.
Result<bool> check_device_identity(ByteView bytes, const Key32& identity,
                                   const std::optional<Bytes>& account_key) {
  PIGEOND_TRY(const auto shown, wire::proto::decode<wa_ADVSignedDeviceIdentity>(bytes));
  const Bytes* account = &shown.accountSignatureKey;
  if (account->empty() && account_key) account = &*account_key;
  if (account->empty()) return false;
  const auto signed_by = [&](ByteView key, std::initializer_list<Prefix> prefixes, ByteView more,
                             ByteView signature) {
    for (const auto& prefix : prefixes)
      if (crypto::verify(key, concat({prefix, shown.details, identity, more}), signature)) return true;
    return false;
  };
  if (account->size() != sizeof(Key32) ||
      !signed_by(*account, {kAccountPrefix, kHostedAccountPrefix}, {}, shown.accountSignature))
    return fail(Cause::bad_signature, "a companion's account signature");
  if (!signed_by(identity, {kDevicePrefix, kHostedDevicePrefix}, *account, shown.deviceSignature))
    return fail(Cause::bad_signature, "a companion's device signature");
  return true;
}

}  // namespace pigeond::engine
