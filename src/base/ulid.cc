#include "base/ulid.h"

namespace pigeond {
namespace {

void append(std::string& out, std::uint64_t value, int characters) {
  for (int shift = 5 * (characters - 1); shift >= 0; shift -= 5)
    out += kCrockfordAlphabet[(value >> shift) & 31];
}

}  // namespace

// 80 bits are two halves of eight characters, 40 bits each.
std::string ulid(Millis wall, Random& random) {
  std::string out;
  append(out, static_cast<std::uint64_t>(wall) & 0xFFFFFFFFFFFF, 10);
  append(out, random.u64(), 8);
  append(out, random.u64(), 8);
  return out;
}

}  // namespace pigeond
