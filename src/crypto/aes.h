// AES on BearSSL: GCM for Noise and secrets, CBC for Signal and media, CTR for pairing codes. The
// implementation is chosen once for the hardware (AES-NI, else constant-time 64-bit code). CBC that comes bit
// by bit, which is media's, is Nettle's where there is no AES-NI: it knows ARMv8's instructions.
#pragma once

#include <array>
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

// CBC with a key of 256 bits of what comes bit by bit, in place, in whole blocks of 16 bytes: padding is the
// caller's. For keys that one file alone has: where the processor has no instructions for AES these are fast
// and look into tables, and who measures the cache's time learns of one file's key at most.
inline constexpr std::size_t kAesBlock = 16;  // bytes

class AesCbcEncryptor {
 public:
  AesCbcEncryptor(const Key32& key, const std::array<std::uint8_t, kAesBlock>& iv);
  ~AesCbcEncryptor();
  AesCbcEncryptor(AesCbcEncryptor&&) noexcept;
  AesCbcEncryptor& operator=(AesCbcEncryptor&&) noexcept;
  void run(std::span<std::uint8_t> blocks);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class AesCbcDecryptor {
 public:
  AesCbcDecryptor(const Key32& key, const std::array<std::uint8_t, kAesBlock>& iv);
  ~AesCbcDecryptor();
  AesCbcDecryptor(AesCbcDecryptor&&) noexcept;
  AesCbcDecryptor& operator=(AesCbcDecryptor&&) noexcept;
  void run(std::span<std::uint8_t> blocks);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The 16-byte IV is the whole initial counter block, counted as one big-endian number (NIST SP 800-38A).
Bytes aes_ctr(ByteView key, ByteView iv, ByteView data);

}  // namespace pigeond::crypto
