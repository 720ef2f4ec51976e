// AES on BearSSL: GCM for Noise and secrets, CBC for Signal and media, CTR for pairing codes. The
// implementation is chosen once for the hardware (AES-NI, ARMv8 where BearSSL has it, else constant-time
// 64-bit code).
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::crypto {

inline constexpr std::size_t kGcmTag = 16;  // bytes, appended to the ciphertext

// Key 16 or 32 bytes, IV 12 bytes.
Bytes aes_gcm_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext);
Result<Bytes> aes_gcm_open(ByteView key, ByteView iv, ByteView aad, ByteView ciphertext);  // bad_mac

// PKCS#7 padding, IV 16 bytes.
Bytes aes_cbc_encrypt(ByteView key, ByteView iv, ByteView plaintext);
Result<Bytes> aes_cbc_decrypt(ByteView key, ByteView iv, ByteView ciphertext);  // malformed

// CBC of what comes bit by bit, in whole blocks of 16 bytes, and without a look at the padding.
class AesCbcDecryptor {
 public:
  AesCbcDecryptor(ByteView key, ByteView iv);  // 16 or 32 bytes, and 16
  ~AesCbcDecryptor();
  AesCbcDecryptor(AesCbcDecryptor&&) noexcept;
  AesCbcDecryptor& operator=(AesCbcDecryptor&&) noexcept;
  void run(std::span<std::uint8_t> blocks);  // in place

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The 16-byte IV is the whole initial counter block, counted as one big-endian number (NIST SP 800-38A).
Bytes aes_ctr(ByteView key, ByteView iv, ByteView data);

}  // namespace pigeond::crypto
