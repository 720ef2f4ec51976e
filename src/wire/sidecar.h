// The streaming sidecar of a media file: with it a player believes parts of the file before it has the rest,
// each by a mac of its own. Of S = iv | ciphertext | mac it is, for k = 0, 1, ..,
//
//   the first 10 bytes of HMAC-SHA256(mac key, S[k * 65536, k * 65536 + 65536 + 16))
//
// the last window being shorter: each but the first begins with the block to which its own first is chained.
// What lies in the window before already has none of its own. zapo WaMediaCrypto.ts and whatsapp-rust
// wacore/src/upload.rs agree.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace pigeond::wire {

class Sidecar {
 public:
  static constexpr std::size_t kWindow = 65536;  // bytes from one's beginning to that of the next
  static constexpr std::size_t kOverlap = 16;    // bytes
  static constexpr std::size_t kMac = 10;        // bytes of each window

  explicit Sidecar(const Key32& mac_key) : window_(mac_key), next_(mac_key) {}
  void update(ByteView data);  // the next bytes of S
  Bytes finish();              // once, last

 private:
  void end_window();

  crypto::HmacSha256 window_, next_;  // that which ends first, and that which began in its overlap
  std::size_t size_ = 0;              // bytes in window_
  Bytes macs_;
};

}  // namespace pigeond::wire
