// Is a number on WhatsApp, and under which ids?
#pragma once

#include <string>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct Number {
  bool exists = false;
  wire::Jid pn, lid;  // as far as known
};

// `digits`: 5 to 20, else bad_input. What the service tells of the user (devices, the other form) is kept.
void ask_number(Desk& desk, const std::string& digits, Answered<Number> answered);

}  // namespace pigeond::engine
