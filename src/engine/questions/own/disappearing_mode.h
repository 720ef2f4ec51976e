// How long messages last in chats that begin from now on: the account's default timer.
#pragma once

#include <cstdint>

#include "engine/questions/question.h"

namespace pigeond::engine {

struct DisappearingMode {
  std::int64_t seconds = 0;  // 0: messages stay
  std::int64_t since = 0;    // unix seconds; 0: not told
};

void ask_disappearing_mode(Desk& desk, Answered<DisappearingMode> answered);
// seconds: 0, or what the service allows: a day, a week, 90 days.
void set_disappearing_mode(Desk& desk, std::int64_t seconds, Answered<bool> answered);

}  // namespace pigeond::engine
