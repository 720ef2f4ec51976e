// CBC for media's files, which may have hundreds of megabytes. Measured on one core, MB/s encrypting and
// decrypting: BearSSL with AES-NI 800 and 5700, Nettle with AES-NI 520 and 2900; without such instructions
// Nettle 125 and 150, BearSSL's tables 48 and 85, its constant-time code 9 and 30. On ARM64 BearSSL has the
// last two alone, Nettle uses ARMv8's instructions.
#include <bearssl.h>
#include <nettle/aes.h>
#include <nettle/cbc.h>

#include <cstdlib>

#include "crypto/aes.h"

namespace pigeond::crypto {
namespace {

using Chain = std::array<std::uint8_t, kAesBlock>;

// BearSSL asks the processor at each call, which in a virtual machine means a trap: the answers are kept.
const br_block_cbcenc_class* fast_encryption() {
  static const auto* const kFast = br_aes_x86ni_cbcenc_get_vtable();
  return kFast;
}

const br_block_cbcdec_class* fast_decryption() {
  static const auto* const kFast = br_aes_x86ni_cbcdec_get_vtable();
  return kFast;
}

// Half a block is a bug of the caller's.
void require_whole(std::span<std::uint8_t> blocks) {
  if (blocks.size() % kAesBlock != 0) std::abort();
}

void encrypt_blocks(const void* key, std::size_t size, std::uint8_t* to, const std::uint8_t* from) {
  aes256_encrypt(static_cast<const aes256_ctx*>(key), size, to, from);
}

void decrypt_blocks(const void* key, std::size_t size, std::uint8_t* to, const std::uint8_t* from) {
  aes256_decrypt(static_cast<const aes256_ctx*>(key), size, to, from);
}

}  // namespace

struct AesCbcEncryptor::State {
  br_aes_gen_cbcenc_keys fast;
  aes256_ctx other;
  Chain chain;
};

AesCbcEncryptor::AesCbcEncryptor(const Key32& key, const Chain& iv) : state_(std::make_unique<State>()) {
  state_->chain = iv;
  if (const auto* cipher = fast_encryption())
    cipher->init(&state_->fast.vtable, key.data(), key.size());
  else
    aes256_set_encrypt_key(&state_->other, key.data());
}

AesCbcEncryptor::~AesCbcEncryptor() = default;
AesCbcEncryptor::AesCbcEncryptor(AesCbcEncryptor&&) noexcept = default;
AesCbcEncryptor& AesCbcEncryptor::operator=(AesCbcEncryptor&&) noexcept = default;

void AesCbcEncryptor::run(std::span<std::uint8_t> blocks) {
  require_whole(blocks);
  if (const auto* cipher = fast_encryption())
    cipher->run(&state_->fast.vtable, state_->chain.data(), blocks.data(), blocks.size());
  else
    cbc_encrypt(&state_->other, encrypt_blocks, kAesBlock, state_->chain.data(), blocks.size(), blocks.data(),
                blocks.data());
}

struct AesCbcDecryptor::State {
  br_aes_gen_cbcdec_keys fast;
  aes256_ctx other;
  Chain chain;
};

AesCbcDecryptor::AesCbcDecryptor(const Key32& key, const Chain& iv) : state_(std::make_unique<State>()) {
  state_->chain = iv;
  if (const auto* cipher = fast_decryption())
    cipher->init(&state_->fast.vtable, key.data(), key.size());
  else
    aes256_set_decrypt_key(&state_->other, key.data());
}

AesCbcDecryptor::~AesCbcDecryptor() = default;
AesCbcDecryptor::AesCbcDecryptor(AesCbcDecryptor&&) noexcept = default;
AesCbcDecryptor& AesCbcDecryptor::operator=(AesCbcDecryptor&&) noexcept = default;

void AesCbcDecryptor::run(std::span<std::uint8_t> blocks) {
  require_whole(blocks);
  if (const auto* cipher = fast_decryption())
    cipher->run(&state_->fast.vtable, state_->chain.data(), blocks.data(), blocks.size());
  else
    cbc_decrypt(&state_->other, decrypt_blocks, kAesBlock, state_->chain.data(), blocks.size(), blocks.data(),
                blocks.data());
}

}  // namespace pigeond::crypto
