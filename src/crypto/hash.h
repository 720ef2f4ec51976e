// Hashes and what is built on them: SHA-256 and HMAC over it on Nettle, which uses the CPU's own instructions
// for it where there are some; the others on BearSSL. MD5 and SHA-1 serve only where the protocol demands
// them (build hash, pre-key digest).
#pragma once

#include <array>
#include <initializer_list>

#include "base/bytes.h"

namespace pigeond::crypto {

std::array<std::uint8_t, 16> md5(ByteView data);
std::array<std::uint8_t, 20> sha1(std::initializer_list<ByteView> parts);

// SHA-1 of what comes bit by bit. finish() may be followed by more: it is the hash of all until then.
class Sha1 {
 public:
  Sha1();
  void update(ByteView data);
  std::array<std::uint8_t, 20> finish() const;

 private:
  static constexpr std::size_t kSize = 104;  // of BearSSL's context
  alignas(8) std::array<std::uint8_t, kSize> state_;
};

Key32 sha256(std::initializer_list<ByteView> parts);
// Of what comes bit by bit.
class Sha256 {
 public:
  Sha256();
  void update(ByteView data);
  Key32 finish();  // the next update() begins another message

 private:
  static constexpr std::size_t kSize = 112;  // of Nettle's context
  alignas(8) std::array<std::uint8_t, kSize> state_;
};
inline Key32 sha256(ByteView data) {
  return sha256({data});
}
std::array<std::uint8_t, 64> sha512(ByteView data);

// RFC 2104 in pieces, and for several messages under one key, whose preparation is half of the work of a
// short one. Copies go on from where the original was. What is left of the key is wiped.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  HmacSha256(const HmacSha256&) = default;
  HmacSha256& operator=(const HmacSha256&) = default;
  ~HmacSha256();
  void update(ByteView data);
  Key32 finish();  // the next update() begins another message

 private:
  static constexpr std::size_t kSize = 336;  // of Nettle's context
  alignas(8) std::array<std::uint8_t, kSize> state_;
};

Key32 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);
inline Key32 hmac_sha256(ByteView key, ByteView data) {
  return hmac_sha256(key, {data});
}
std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView data);

// RFC 5869 with SHA-256. An empty salt is 32 zero bytes, as the RFC says. length <= 8160.
Bytes hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, std::size_t length);

}  // namespace pigeond::crypto
