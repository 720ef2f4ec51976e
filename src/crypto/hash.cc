#include "crypto/hash.h"

#include <bearssl.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace pigeond::crypto {
namespace {

hmac_sha256_ctx* context(std::array<std::uint8_t, 336>& state) {
  return std::launder(reinterpret_cast<hmac_sha256_ctx*>(state.data()));
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
  Sha1 hash;
  for (auto part : parts) hash.update(part);
  return hash.finish();
}

// A plain struct of BearSSL, as its header says: it may be copied, and is not heard of elsewhere.
static_assert(std::is_trivially_copyable_v<br_sha1_context>);

Sha1::Sha1() {
  static_assert(sizeof(br_sha1_context) <= kSize && alignof(br_sha1_context) <= 8);
  br_sha1_init(reinterpret_cast<br_sha1_context*>(state_.data()));
}

void Sha1::update(ByteView data) {
  br_sha1_update(reinterpret_cast<br_sha1_context*>(state_.data()), data.data(), data.size());
}

std::array<std::uint8_t, 20> Sha1::finish() const {
  std::array<std::uint8_t, 20> out;
  br_sha1_out(reinterpret_cast<const br_sha1_context*>(state_.data()), out.data());
  return out;
}

Key32 sha256(std::initializer_list<ByteView> parts) {
  sha256_ctx context;
  sha256_init(&context);
  for (auto part : parts) sha256_update(&context, part.size(), part.data());
  Key32 out;
  sha256_digest(&context, out.size(), out.data());
  return out;
}

Sha256::Sha256() {
  static_assert(sizeof(sha256_ctx) <= kSize && alignof(sha256_ctx) <= 8 &&
                std::is_trivially_copyable_v<sha256_ctx>);
  sha256_init(new (state_.data()) sha256_ctx);
}

void Sha256::update(ByteView data) {
  sha256_update(std::launder(reinterpret_cast<sha256_ctx*>(state_.data())), data.size(), data.data());
}

Key32 Sha256::finish() {
  Key32 out;
  sha256_digest(std::launder(reinterpret_cast<sha256_ctx*>(state_.data())), out.size(), out.data());
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

HmacSha256::HmacSha256(ByteView key) {
  static_assert(sizeof(hmac_sha256_ctx) <= kSize && alignof(hmac_sha256_ctx) <= 8 &&
                std::is_trivially_copyable_v<hmac_sha256_ctx>);
  hmac_sha256_set_key(new (state_.data()) hmac_sha256_ctx, key.size(), key.data());
}

HmacSha256::~HmacSha256() {
  explicit_bzero(state_.data(), state_.size());
}

void HmacSha256::update(ByteView data) {
  hmac_sha256_update(context(state_), data.size(), data.data());
}

Key32 HmacSha256::finish() {
  Key32 out;
  hmac_sha256_digest(context(state_), out.size(), out.data());
  return out;
}

Key32 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  HmacSha256 hmac(key);
  for (auto part : parts) hmac.update(part);
  return hmac.finish();
}

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView data) {
  br_hmac_key_context key_context;
  br_hmac_key_init(&key_context, &br_sha512_vtable, key.data(), key.size());
  br_hmac_context context;
  br_hmac_init(&context, &key_context, 0);
  br_hmac_update(&context, data.data(), data.size());
  std::array<std::uint8_t, 64> out;
  br_hmac_out(&context, out.data());
  return out;
}

Bytes hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, std::size_t length) {
  if (length > 255 * 32) std::abort();  // RFC 5869 ends there; no caller asks for more
  // HMAC pads its key with zeros, so no salt and 32 zero bytes are the same.
  const Key32 key = hmac_sha256(salt, input_key);
  HmacSha256 hmac(key);
  Bytes out(length);
  Key32 block{};
  for (std::size_t done = 0, number = 1; done < length; done += block.size(), ++number) {
    if (done > 0) hmac.update(block);
    hmac.update(info);
    const auto counter = static_cast<std::uint8_t>(number);
    hmac.update({&counter, 1});
    block = hmac.finish();
    std::copy_n(block.begin(), std::min(block.size(), length - done),
                out.begin() + static_cast<std::ptrdiff_t>(done));
  }
  return out;
}

}  // namespace pigeond::crypto
