// PBKDF2 (RFC 8018) over HMAC-SHA256, a block of 32 bytes in portions: the 131072 rounds of a pairing code
// are a tenth of a second of a PC and more of a small board, which no loop that others wait for can spend at
// once.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace pigeond::crypto {

class Pbkdf2 {
 public:
  Pbkdf2(ByteView password, ByteView salt, unsigned rounds, std::uint32_t block = 1);  // both > 0
  ~Pbkdf2();
  Pbkdf2(const Pbkdf2&) = default;
  Pbkdf2& operator=(const Pbkdf2&) = default;

  bool advance(unsigned rounds);  // so many more at most; true: that was all
  bool done() const { return left_ == 0; }
  const Key32& key() const;  // only when it is done

 private:
  HmacSha256 hmac_;
  Key32 round_{}, sum_{};
  unsigned left_;
};

// As many blocks as `length` bytes take, at once.
Bytes pbkdf2_sha256(ByteView password, ByteView salt, unsigned rounds, std::size_t length);

}  // namespace pigeond::crypto
