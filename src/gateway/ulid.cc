#include "gateway/ulid.h"

namespace pigeond::gateway {

std::string make_ulid(Millis wall, Random& random) {
  constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string out(26, '0');
  auto time = static_cast<std::uint64_t>(wall) & 0xFFFFFFFFFFFFu;
  for (int i = 9; i >= 0; --i, time >>= 5) out[static_cast<std::size_t>(i)] = kAlphabet[time & 31];
  // 16 characters of 5 bits each, from 16 bytes: simpler than regrouping 10 bytes, and as random.
  const auto bytes = random.array<16>();
  for (std::size_t i = 0; i < 16; ++i) out[10 + i] = kAlphabet[bytes[i] & 31];
  return out;
}

}  // namespace pigeond::gateway
