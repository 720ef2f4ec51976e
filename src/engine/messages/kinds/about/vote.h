// Votes in polls. A vote is all that its voter chooses from then on, by the hashes of the options' names:
//
//   PollVoteMessage { 1: SHA-256 of an option's name, in UTF-8 } *
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/messages/kinds/about/addon.h"
#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// What is encrypted; none: the vote is withdrawn.
Bytes vote_plaintext(const std::vector<std::string>& options);
// The names of those options that were chosen, in the order of `options`. malformed; not_found: what was
// chosen is none of them.
Result<std::vector<std::string>> chosen(ByteView plaintext, const std::vector<std::string>& options);

Content vote_content(const wa_MessageKey& poll, Sealed vote, std::int64_t sent);  // Unix ms

}  // namespace pigeond::engine
