// That a chat's messages are to disappear after some time, or not any more: said in the chat itself, and
// shown there as a notice.
#pragma once

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

inline constexpr std::uint32_t kLongestTimer = 10 * 365 * 24 * 3600;  // seconds; more is taken from nobody

// timer.seconds 0: they stay. timer.set 0: it is set when it is accepted.
Content timer_content(const Timer& timer);
// What such a message says; nullopt: it is another one.
std::optional<Timer> timer_set_by(const wa_Message& message);
std::optional<Timer> timer_set_by(const Content& content);

}  // namespace pigeond::engine
