// ADV, the account's word for its companion devices: what a pair-success carries is checked and countersigned
// here.
//
//   ADVSignedDeviceIdentityHMAC { details, hmac, accountType }      hmac under the ADV secret that the QR
//   carried
//     details = ADVSignedDeviceIdentity { details, accountSignatureKey, accountSignature, deviceSignature }
//       details = ADVDeviceIdentity { rawID, timestamp, keyIndex, accountType, deviceType }
//
// Signatures are XEdDSA over a two-byte prefix and the parts:
//   account   06 00 (hosted: 06 05) || details || our identity key
//   device    06 01                 || details || our identity key || account key
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace pigeond::engine {

struct DeviceIdentity {
  Bytes stored;         // ADVSignedDeviceIdentity with the account key: what pkmsg stanzas carry
  Bytes reply;          // the same without it: the answer to pair-success
  Key32 account_key{};  // the phone's identity key
  std::uint32_t key_index = 0;
};

// Causes: malformed (a container that doesn't parse), bad_mac (another ADV secret), bad_signature (not the
// account's).
Result<DeviceIdentity> accept_device_identity(ByteView container, const Key32& adv_secret,
                                              const crypto::KeyPair& identity, Random& random);

// What a companion of anybody shows beside its keys: an ADVSignedDeviceIdentity whose signatures are to be
// the account's and the device's own. `account_key`: the phone's identity key, for one that leaves it out, as
// the service does for other people's devices (whatsapp-rust wacore/src/adv.rs, as the web client's
// validateADVwithIdentityKey). False: nothing is known that it could be checked with. malformed,
// bad_signature: it is forged.
Result<bool> check_device_identity(ByteView bytes, const Key32& identity,
                                   const std::optional<Bytes>& account_key);

}  // namespace pigeond::engine
