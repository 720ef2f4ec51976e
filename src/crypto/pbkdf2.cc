#include "crypto/pbkdf2.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pigeond::crypto {

Pbkdf2::Pbkdf2(ByteView password, ByteView salt, unsigned rounds) : hmac_(password), left_(rounds) {
  if (rounds == 0) std::abort();
  constexpr std::array<std::uint8_t, 4> kFirstBlock = {0, 0, 0, 1};
  hmac_.update(salt);
  hmac_.update(kFirstBlock);
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

}  // namespace pigeond::crypto
