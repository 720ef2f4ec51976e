#include "crypto/aes.h"

#include <bearssl.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pigeond::crypto {
namespace {

constexpr std::size_t kBlock = kAesBlock;

constexpr bool k64Bit = sizeof(void*) >= 8;

// BearSSL asks the processor at each call, which in a virtual machine means a trap: the answers are kept.
const br_block_ctr_class* ctr_class() {
  static const auto* const fast = br_aes_x86ni_ctr_get_vtable();
  return fast ? fast : k64Bit ? &br_aes_ct64_ctr_vtable : &br_aes_ct_ctr_vtable;
}

const br_block_cbcenc_class* cbcenc_class() {
  static const auto* const fast = br_aes_x86ni_cbcenc_get_vtable();
  return fast ? fast : k64Bit ? &br_aes_ct64_cbcenc_vtable : &br_aes_ct_cbcenc_vtable;
}

const br_block_cbcdec_class* cbcdec_class() {
  static const auto* const fast = br_aes_x86ni_cbcdec_get_vtable();
  return fast ? fast : k64Bit ? &br_aes_ct64_cbcdec_vtable : &br_aes_ct_cbcdec_vtable;
}

br_ghash ghash() {
  static const br_ghash fast = br_ghash_pclmul_get();
  return fast ? fast : k64Bit ? &br_ghash_ctmul64 : &br_ghash_ctmul;
}

// Keys and IVs of another size never come from outside: a wrong one is a bug here.
void require(bool condition) {
  if (!condition) std::abort();
}

bool is_key(ByteView key) {
  return key.size() == 16 || key.size() == 32;
}

struct Gcm {
  br_aes_gen_ctr_keys keys;
  br_gcm_context context;

  Gcm(ByteView key, ByteView iv, ByteView aad) {
    require(is_key(key) && iv.size() == 12);
    const auto* cipher = ctr_class();
    cipher->init(&keys.vtable, key.data(), key.size());
    br_gcm_init(&context, &keys.vtable, ghash());
    br_gcm_reset(&context, iv.data(), iv.size());
    br_gcm_aad_inject(&context, aad.data(), aad.size());
    br_gcm_flip(&context);
  }
};

// The number of padding bytes, or 0 if they are not as PKCS#7 says.
std::size_t padding_of(ByteView padded) {
  const std::size_t count = padded.back();
  if (count == 0 || count > kBlock) return 0;
  unsigned wrong = 0;
  for (std::size_t i = padded.size() - count; i < padded.size(); ++i)
    wrong |= padded[i] ^ static_cast<unsigned>(count);
  return wrong == 0 ? count : 0;
}

}  // namespace

Bytes aes_gcm_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext) {
  Gcm gcm(key, iv, aad);
  Bytes out;
  out.reserve(plaintext.size() + kGcmTag);
  out.assign(plaintext.begin(), plaintext.end());
  br_gcm_run(&gcm.context, 1, out.data(), out.size());
  std::array<std::uint8_t, kGcmTag> tag;
  br_gcm_get_tag(&gcm.context, tag.data());
  out.insert(out.end(), tag.begin(), tag.end());
  return out;
}

Result<Bytes> aes_gcm_open(ByteView key, ByteView iv, ByteView aad, ByteView ciphertext) {
  if (ciphertext.size() < kGcmTag) return fail(Cause::bad_mac, "shorter than an AEAD tag");
  Gcm gcm(key, iv, aad);
  const auto body = ciphertext.first(ciphertext.size() - kGcmTag);
  Bytes out(body.begin(), body.end());
  br_gcm_run(&gcm.context, 0, out.data(), out.size());
  if (br_gcm_check_tag(&gcm.context, ciphertext.last(kGcmTag).data()) != 1)
    return fail(Cause::bad_mac, "AEAD tag");
  return out;
}

Bytes aes_cbc_encrypt(ByteView key, ByteView iv, ByteView plaintext) {
  require(is_key(key) && iv.size() == kBlock);
  const std::size_t padding = kBlock - plaintext.size() % kBlock;
  Bytes out;
  out.reserve(plaintext.size() + padding);
  out.assign(plaintext.begin(), plaintext.end());
  out.resize(plaintext.size() + padding, static_cast<std::uint8_t>(padding));
  std::array<std::uint8_t, kBlock> chain;
  std::copy(iv.begin(), iv.end(), chain.begin());
  br_aes_gen_cbcenc_keys keys;
  const auto* cipher = cbcenc_class();
  cipher->init(&keys.vtable, key.data(), key.size());
  cipher->run(&keys.vtable, chain.data(), out.data(), out.size());
  return out;
}

Result<Bytes> aes_cbc_decrypt(ByteView key, ByteView iv, ByteView ciphertext) {
  require(is_key(key) && iv.size() == kBlock);
  if (ciphertext.empty() || ciphertext.size() % kBlock != 0) return fail(Cause::malformed, "AES-CBC length");
  Bytes out = to_bytes(ciphertext);
  std::array<std::uint8_t, kBlock> chain;
  std::copy(iv.begin(), iv.end(), chain.begin());
  br_aes_gen_cbcdec_keys keys;
  const auto* cipher = cbcdec_class();
  cipher->init(&keys.vtable, key.data(), key.size());
  cipher->run(&keys.vtable, chain.data(), out.data(), out.size());
  const std::size_t padding = padding_of(out);
  if (padding == 0) return fail(Cause::malformed, "AES-CBC padding");
  out.resize(out.size() - padding);
  return out;
}

Bytes aes_ctr(ByteView key, ByteView iv, ByteView data) {
  require(is_key(key) && iv.size() == kBlock);
  br_aes_gen_ctr_keys keys;
  const auto* cipher = ctr_class();
  cipher->init(&keys.vtable, key.data(), key.size());
  std::array<std::uint8_t, 12> prefix;
  std::copy_n(iv.begin(), prefix.size(), prefix.begin());
  auto counter = static_cast<std::uint32_t>(read_be(iv.last(4)));
  Bytes out = to_bytes(data);
  // BearSSL counts in the last 32 bits alone; the carry into the rest is done here.
  for (std::size_t done = 0; done < out.size();) {
    const std::uint64_t until_wrap = ((std::uint64_t{1} << 32) - counter) * kBlock;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(until_wrap, out.size() - done));
    counter = cipher->run(&keys.vtable, prefix.data(), counter, out.data() + done, count);
    done += count;
    if (done == out.size()) break;
    counter = 0;
    for (std::size_t i = prefix.size(); i-- > 0;)
      if (++prefix[i] != 0) break;
  }
  return out;
}

}  // namespace pigeond::crypto
