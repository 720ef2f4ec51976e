// Are numbers on WhatsApp, and under which ids?
#pragma once

#include <string>
#include <vector>

#include "engine/messages/identity/lookups.h"
#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

// `digits`: each 5 to 20, else bad_input. All that is not remembered (Lookups) is asked for in one question,
// and with `anew` what is. The answers come in the order of the questions. What the service tells of users
// (devices, the other form) is kept. rate_limited, with the service's number, besides what questions give.
void ask_numbers(Desk& desk, const std::vector<std::string>& digits, bool anew,
                 Answered<std::vector<Number>> answered);
void ask_number(Desk& desk, const std::string& digits, const Answered<Number>& answered);

}  // namespace pigeond::engine
