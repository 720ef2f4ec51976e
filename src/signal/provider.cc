#include "signal/provider.h"

#include <string.h>

#include <algorithm>
#include <new>

#include "base/bytes.h"
#include "crypto/aes.h"
#include "crypto/hash.h"

namespace pigeond::signal {
namespace {

// The library signs with SHA-512 seldom, in a few pieces: they are collected, and hashed at the end.
using Collected = Bytes;

int give(signal_buffer** output, ByteView bytes) {
  *output = signal_buffer_create(bytes.data(), bytes.size());
  return *output == nullptr ? SG_ERR_NOMEM : SG_SUCCESS;
}

int fill_random(std::uint8_t* data, std::size_t size, void* user) {
  static_cast<ProviderCall*>(user)->random->fill({data, size});
  return SG_SUCCESS;
}

// HKDF's salt where there is none (RFC 5869, 2.2): no secret, and the most frequent key.
const crypto::HmacSha256& unsalted() {
  static const crypto::HmacSha256 hmac(Key32{});
  return hmac;
}

crypto::HmacSha256* begin(ProviderCall& call, ByteView key) {
  if (key.size() != Key32().size()) return new (std::nothrow) crypto::HmacSha256(key);
  Key32 wanted;
  std::copy(key.begin(), key.end(), wanted.begin());
  if (wanted == Key32{}) return new (std::nothrow) crypto::HmacSha256(unsalted());
  if (!call.last || call.last->key != wanted) call.last.emplace(wanted);
  explicit_bzero(wanted.data(), wanted.size());
  return new (std::nothrow) crypto::HmacSha256(call.last->begun);
}

int begin_hmac(void** context, const std::uint8_t* key, std::size_t size, void* user) {
  *context = begin(*static_cast<ProviderCall*>(user), {key, size});
  return *context == nullptr ? SG_ERR_NOMEM : SG_SUCCESS;
}

int update_hmac(void* context, const std::uint8_t* data, std::size_t size, void*) {
  static_cast<crypto::HmacSha256*>(context)->update({data, size});
  return SG_SUCCESS;
}

int begin_digest(void** context, void*) {
  *context = new (std::nothrow) Collected;
  return *context == nullptr ? SG_ERR_NOMEM : SG_SUCCESS;
}

int collect(void* context, const std::uint8_t* data, std::size_t size, void*) {
  auto* collected = static_cast<Collected*>(context);
  collected->insert(collected->end(), data, data + size);
  return SG_SUCCESS;
}

int finish_hmac(void* context, signal_buffer** output, void*) {
  return give(output, static_cast<crypto::HmacSha256*>(context)->finish());
}

void end_hmac(void* context, void*) {
  delete static_cast<crypto::HmacSha256*>(context);
}

int finish_digest(void* context, signal_buffer** output, void*) {
  auto* collected = static_cast<Collected*>(context);
  const auto hash = crypto::sha512(*collected);
  collected->clear();
  return give(output, hash);
}

void end_digest(void* context, void*) {
  auto* collected = static_cast<Collected*>(context);
  if (collected == nullptr) return;
  explicit_bzero(collected->data(), collected->capacity());
  delete collected;
}

// Version 3 of the protocol uses CBC alone; CTR belongs to version 2, which nobody speaks.
int encrypt(signal_buffer** output, int cipher, const std::uint8_t* key, std::size_t key_size,
            const std::uint8_t* iv, std::size_t iv_size, const std::uint8_t* text, std::size_t text_size,
            void*) {
  if (cipher != SG_CIPHER_AES_CBC_PKCS5 || key_size != 32 || iv_size != 16) return SG_ERR_INVALID_VERSION;
  return give(output, crypto::aes_cbc_encrypt({key, key_size}, {iv, iv_size}, {text, text_size}));
}

int decrypt(signal_buffer** output, int cipher, const std::uint8_t* key, std::size_t key_size,
            const std::uint8_t* iv, std::size_t iv_size, const std::uint8_t* text, std::size_t text_size,
            void*) {
  if (cipher != SG_CIPHER_AES_CBC_PKCS5 || key_size != 32 || iv_size != 16) return SG_ERR_INVALID_VERSION;
  const auto plain = crypto::aes_cbc_decrypt({key, key_size}, {iv, iv_size}, {text, text_size});
  return plain ? give(output, *plain) : SG_ERR_INVALID_MESSAGE;
}

}  // namespace

PreparedHmac::~PreparedHmac() {
  explicit_bzero(key.data(), key.size());
}

signal_crypto_provider make_provider(ProviderCall& call) {
  signal_crypto_provider provider{};
  provider.random_func = fill_random;
  provider.hmac_sha256_init_func = begin_hmac;
  provider.hmac_sha256_update_func = update_hmac;
  provider.hmac_sha256_final_func = finish_hmac;
  provider.hmac_sha256_cleanup_func = end_hmac;
  provider.sha512_digest_init_func = begin_digest;
  provider.sha512_digest_update_func = collect;
  provider.sha512_digest_final_func = finish_digest;
  provider.sha512_digest_cleanup_func = end_digest;
  provider.encrypt_func = encrypt;
  provider.decrypt_func = decrypt;
  provider.user_data = &call;
  return provider;
}

}  // namespace pigeond::signal
