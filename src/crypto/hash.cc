#include "crypto/hash.h"

#include <bearssl.h>

#include <algorithm>
#include <cstdlib>

namespace pigeond::crypto {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> finish(const br_hmac_context& context) {
  std::array<std::uint8_t, Size> out;
  br_hmac_out(&context, out.data());
  return out;
}

}  // namespace

std::array<std::uint8_t, 16> md5(ByteView data) {
  br_md5_context context;
  br_md5_init(&context);
  br_md5_update(&context, data.data(), data.size());
  std::array<std::uint8_t, 16> out;
  br_md5_out(&context, out.data());
  return out;
}

std::array<std::uint8_t, 20> sha1(std::initializer_list<ByteView> parts) {
  br_sha1_context context;
  br_sha1_init(&context);
  for (auto part : parts) br_sha1_update(&context, part.data(), part.size());
  std::array<std::uint8_t, 20> out;
  br_sha1_out(&context, out.data());
  return out;
}

Key32 sha256(std::initializer_list<ByteView> parts) {
  br_sha256_context context;
  br_sha256_init(&context);
  for (auto part : parts) br_sha256_update(&context, part.data(), part.size());
  Key32 out;
  br_sha256_out(&context, out.data());
  return out;
}

std::array<std::uint8_t, 64> sha512(ByteView data) {
  br_sha512_context context;
  br_sha512_init(&context);
  br_sha512_update(&context, data.data(), data.size());
  std::array<std::uint8_t, 64> out;
  br_sha512_out(&context, out.data());
  return out;
}

Key32 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  br_hmac_key_context key_context;
  br_hmac_key_init(&key_context, &br_sha256_vtable, key.data(), key.size());
  br_hmac_context context;
  br_hmac_init(&context, &key_context, 0);
  for (auto part : parts) br_hmac_update(&context, part.data(), part.size());
  return finish<32>(context);
}

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView data) {
  br_hmac_key_context key_context;
  br_hmac_key_init(&key_context, &br_sha512_vtable, key.data(), key.size());
  br_hmac_context context;
  br_hmac_init(&context, &key_context, 0);
  br_hmac_update(&context, data.data(), data.size());
  return finish<64>(context);
}

Bytes hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, std::size_t length) {
  if (length > 255 * 32) std::abort();  // RFC 5869 ends there; no caller asks for more
  br_hkdf_context context;
  // HMAC pads its key with zeros, so no salt and 32 zero bytes are the same.
  br_hkdf_init(&context, &br_sha256_vtable, salt.data(), salt.size());
  br_hkdf_inject(&context, input_key.data(), input_key.size());
  br_hkdf_flip(&context);
  Bytes out(length);
  br_hkdf_produce(&context, info.data(), info.size(), out.data(), out.size());
  return out;
}

Bytes pbkdf2_sha256(ByteView password, ByteView salt, unsigned iterations, std::size_t length) {
  br_hmac_key_context key_context;
  br_hmac_key_init(&key_context, &br_sha256_vtable, password.data(), password.size());
  br_hmac_context context;
  Bytes out;
  out.reserve(length);
  for (std::uint32_t block = 1; out.size() < length; ++block) {
    const std::array<std::uint8_t, 4> number = {
        static_cast<std::uint8_t>(block >> 24), static_cast<std::uint8_t>(block >> 16),
        static_cast<std::uint8_t>(block >> 8), static_cast<std::uint8_t>(block)};
    br_hmac_init(&context, &key_context, 0);
    br_hmac_update(&context, salt.data(), salt.size());
    br_hmac_update(&context, number.data(), number.size());
    Key32 round = finish<32>(context);
    Key32 sum = round;
    for (unsigned i = 1; i < iterations; ++i) {
      br_hmac_init(&context, &key_context, 0);
      br_hmac_update(&context, round.data(), round.size());
      round = finish<32>(context);
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] ^= round[j];
    }
    const std::size_t take = std::min(sum.size(), length - out.size());
    out.insert(out.end(), sum.begin(), sum.begin() + static_cast<std::ptrdiff_t>(take));
  }
  return out;
}

}  // namespace pigeond::crypto
