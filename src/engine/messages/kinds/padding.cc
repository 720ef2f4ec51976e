#include "engine/messages/kinds/padding.h"

#include <algorithm>

namespace pigeond::engine {

Bytes padded(ByteView message, std::uint8_t count) {
  Bytes out;
  out.reserve(message.size() + count);
  out.assign(message.begin(), message.end());
  out.insert(out.end(), count, count);
  return out;
}

Bytes padded(ByteView message, Random& random) {
  const std::uint8_t draw = random.array<1>()[0] & 15;
  return padded(message, draw == 0 ? std::uint8_t{15} : draw);
}

Result<ByteView> unpadded(ByteView plaintext) {
  if (plaintext.empty()) return fail(Cause::malformed, "empty plaintext");
  const std::uint8_t count = plaintext.back();
  if (count == 0 || count > plaintext.size()) return fail(Cause::malformed, "padding length");
  const ByteView tail = plaintext.last(count);
  if (std::any_of(tail.begin(), tail.end(), [count](std::uint8_t byte) { return byte != count; }))
    return fail(Cause::malformed, "padding bytes");
  return plaintext.first(plaintext.size() - count);
}

}  // namespace pigeond::engine
