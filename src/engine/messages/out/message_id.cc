#include "engine/messages/out/message_id.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::engine {

std::string message_id(std::int64_t unix_seconds, const std::string& own_user, ByteView random16) {
  Bytes seconds;
  append_be(seconds, static_cast<std::uint64_t>(unix_seconds), 8);
  const Key32 hash = crypto::sha256({seconds, as_bytes(own_user), as_bytes("@c.us"), random16});
  return "3EB0" + hex_upper(ByteView(hash).first(9));
}

std::string make_message_id(std::int64_t unix_seconds, const std::string& own_user, Random& random) {
  return message_id(unix_seconds, own_user, random.array<16>());
}

}  // namespace pigeond::engine
