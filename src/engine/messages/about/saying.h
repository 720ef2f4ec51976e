// What programs say about a message that is there.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

struct Reaction {
  std::string emoji;  // empty: what was there is taken back
};
// Own texts, and captions of own media, for 20 minutes.
struct Edit {
  std::string text;
};
// Own messages; in groups others' as well, where the account is an admin.
struct Revoke {};
struct Vote {
  std::vector<std::string> options;  // by their names; none: it is withdrawn
};
struct Pin {
  std::uint32_t seconds = 0;  // 0: it is taken down
};
// The same content once more, in whatever chat: a message of its own.
struct Forward {};

using Saying = std::variant<Reaction, Edit, Revoke, Vote, Pin, Forward>;

struct Remark {
  MessageRef target;
  Saying saying;
};

// What tells one saying from another.
std::string fingerprint(const Remark& about);

}  // namespace pigeond::engine
