// ADV: how an account vouches for its companion devices, the phone's side and the server's.
//
//   ADVSignedDeviceIdentity   account signature = XEdDSA(primary, 06 00 || details || companion identity)
//                             device signature  = XEdDSA(companion, 06 01 || details || identity || primary
//                             key)
//   ADVSignedKeyIndexList     account signature = XEdDSA(primary, 06 02 || details)
#pragma once

#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "wire/proto.h"

namespace pigeond::sandbox {

// What the phone shows around: a companion of `identity`, not yet signed by the companion itself.
wa_ADVSignedDeviceIdentity sign_device_identity(const crypto::KeyPair& primary, const Key32& identity,
                                                std::uint32_t raw_id, std::uint32_t key_index,
                                                std::int64_t unix_now, Random& random);

Bytes sign_key_index_list(const crypto::KeyPair& primary, std::uint32_t raw_id,
                          const std::vector<std::uint32_t>& valid, std::uint32_t current,
                          std::int64_t unix_now, Random& random);

bool account_signature_holds(const wa_ADVSignedDeviceIdentity& signed_identity, const Key32& identity);
// `primary`: the account's key, which the companion leaves out of its reply.
bool device_signature_holds(const wa_ADVSignedDeviceIdentity& signed_identity, const Key32& identity,
                            const Key32& primary);

// What a QR code says: [URL#]REF,noise key,identity key,ADV secret[,TYPE], the keys in base64.
struct QrCode {
  std::string ref;
  Key32 noise_key{};
  Key32 identity{};
  Key32 adv_secret{};
  std::string type;  // empty: the form from before the type was added
};
Result<QrCode> parse_qr(std::string_view text);

}  // namespace pigeond::sandbox
