#include "engine/messages/kinds/about/addon.h"

#include <algorithm>

#include "crypto/aes.h"
#include "crypto/hash.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kIv = 12;  // bytes

Bytes additional(const Addon& addon) {
  if (addon.use != kPollVote && addon.use != kEventAnswer) return {};
  Bytes out = to_bytes(as_bytes(addon.id));
  out.push_back(0);
  const auto sender = as_bytes(addon.sender);
  out.insert(out.end(), sender.begin(), sender.end());
  return out;
}

}  // namespace

Key32 addon_key(ByteView secret, const Addon& addon) {
  const std::string info = addon.id + addon.author + addon.sender + std::string(addon.use);
  const Bytes key = crypto::hkdf_sha256({}, secret, as_bytes(info), 32);
  Key32 out{};
  std::copy(key.begin(), key.end(), out.begin());
  return out;
}

Sealed seal_addon(ByteView secret, const Addon& addon, ByteView plaintext, Random& random) {
  Sealed out;
  out.iv = random.bytes(kIv);
  out.payload = crypto::aes_gcm_seal(addon_key(secret, addon), out.iv, additional(addon), plaintext);
  return out;
}

Result<Bytes> open_addon(ByteView secret, const Addon& addon, ByteView payload, ByteView iv) {
  if (iv.size() != kIv) return fail(Cause::malformed, "no IV of 12 bytes");
  return crypto::aes_gcm_open(addon_key(secret, addon), iv, additional(addon), payload);
}

}  // namespace pigeond::engine
