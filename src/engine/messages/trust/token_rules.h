// Privacy tokens as numbers. Time is cut into buckets of a week; a token lives in its own and the following
// ones, four in all, and ours is given anew with the first message of each bucket. The service may set other
// numbers: whatsapp-rust has seen 26 buckets.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "wire/jid.h"
#include "wire/node.h"

namespace pigeond::engine {

struct TokenRules {
  struct Window {
    std::int64_t bucket = 604800;  // seconds; 1 to 15552000
    std::int64_t buckets = 4;      // at least 1

    // Tokens from before this time (unix seconds) are worth nothing at `now`.
    std::int64_t cutoff(std::int64_t now) const { return (now / bucket - (buckets - 1)) * bucket; }
  };
  Window received;  // tokens that contacts gave us
  Window issued;    // ours

  bool expired(std::int64_t timestamp, std::int64_t now) const { return timestamp < received.cutoff(now); }
  // last: when ours was given last; 0: never.
  bool issue_due(std::int64_t last, std::int64_t now) const {
    return last <= 0 || now / issued.bucket > last / issued.bucket;
  }
};

// Whether the service's settings, <props>, say that the account's direct chats go by LID.
bool says_migrated(const wire::Node& props);

// From the service's settings, <props>; what they don't name or name senselessly is the default.
TokenRules read_token_rules(const wire::Node& props);

// A token for somebody who never gave us one. The key is a salt from the account's phone, the text the
// recipient's LID without device, as whatsmeow and whatsapp-rust have it.
Bytes make_cs_token(ByteView salt, const wire::Jid& recipient_lid);  // 32 bytes

}  // namespace pigeond::engine
