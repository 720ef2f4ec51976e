// Declines a call that rings.
#pragma once

#include <string>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

enum class Rejection {
  done,
  unknown,      // nobody was heard to call so
  of_somebody,  // another than `from`
  over,         // it was taken, declined, or has ended
};

// `from`: who calls, in either form. The service answers nothing, and nothing more is told of the call but
// that it was rejected. link_lost.
void reject_call(Desk& desk, const wire::Jid& from, const std::string& id,
                 const Answered<Rejection>& answered);

}  // namespace pigeond::engine
