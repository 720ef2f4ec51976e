// ECDSA over P-256 with SHA-256 (FIPS 186-4), which passkeys sign with, on BearSSL. Only what the stand-in
// for the service needs: pigeond itself passes such signatures on.
#pragma once

#include "base/bytes.h"

namespace pigeond::crypto {

// `point`: 04 || x || y, 65 bytes. `signature`: a DER sequence of two integers. False for anything that is
// not so.
bool verify_p256(ByteView point, ByteView message, ByteView signature);

}  // namespace pigeond::crypto
