#include "crypto/pbkdf2.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pigeond::crypto {

Pbkdf2::Pbkdf2(ByteView password, ByteView salt, unsigned rounds, std::uint32_t block)
    : hmac_(password), left_(rounds) {
  if (rounds == 0 || block == 0) std::abort();
  const std::array<std::uint8_t, 4> number = {
      static_cast<std::uint8_t>(block >> 24), static_cast<std::uint8_t>(block >> 16),
      static_cast<std::uint8_t>(block >> 8), static_cast<std::uint8_t>(block)};
  hmac_.update(salt);
  hmac_.update(number);
  sum_ = round_ = hmac_.finish();
  --left_;
}

Pbkdf2::~Pbkdf2() {
  explicit_bzero(round_.data(), round_.size());
  explicit_bzero(sum_.data(), sum_.size());
}

bool Pbkdf2::advance(unsigned rounds) {
  for (unsigned i = std::min(rounds, left_); i > 0; --i, --left_) {
    hmac_.update(round_);
    round_ = hmac_.finish();
    for (std::size_t j = 0; j < sum_.size(); ++j) sum_[j] ^= round_[j];
  }
  return done();
}

const Key32& Pbkdf2::key() const {
  if (!done()) std::abort();
  return sum_;
}

Bytes pbkdf2_sha256(ByteView password, ByteView salt, unsigned rounds, std::size_t length) {
  Bytes out;
  out.reserve(length);
  for (std::uint32_t number = 1; out.size() < length; ++number) {
    Pbkdf2 block(password, salt, rounds, number);
    block.advance(rounds);
    const std::size_t take = std::min(block.key().size(), length - out.size());
    out.insert(out.end(), block.key().begin(), block.key().begin() + static_cast<std::ptrdiff_t>(take));
  }
  return out;
}

}  // namespace pigeond::crypto
