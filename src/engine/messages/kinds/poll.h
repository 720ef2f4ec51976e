// Polls that are made, and what is known of those that are there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

// As the service's settings limit them: 2 to 12 options, each another one, of up to 100 characters; a name of
// up to 255.
inline constexpr std::size_t kPollOptions = 12, kPollOptionName = 100, kPollName = 255;

Content poll_content(std::string_view name, const std::vector<std::string>& options, bool several);

struct PollOptions {
  std::vector<std::string> names;
  std::uint32_t most = 0;  // that one may choose; 0: all
};
// So many options of one are looked at: whoever sends more, has votes counted of these.
inline constexpr std::size_t kPollAmended = 256;
// nullopt: `message`, with its wrappers taken off, is no poll.
std::optional<PollOptions> poll_options(const wa_Message& message);
// Options of `more` that `poll` lacks are added to it, and with `renames` its name is that of `more`, where
// there is one. Both have no wrappers.
void amend_poll(wa_Message& poll, const wa_Message& more, bool renames);

}  // namespace pigeond::engine
