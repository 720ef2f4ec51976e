// What the engine itself does about a message that was refused: the smallest thing first, each a bounded
// number of times. Decisions only; outgoing_refused.cc carries them out.
#pragma once

#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "engine/messages/out/send_causes.h"

namespace pigeond::engine {

enum class HealingStep {
  end,            // the message ends with its cause
  renew_chat,     // the recipient's devices, mapping and keys anew; then again, encrypted anew
  other_form,     // by number instead of by hidden id, or the other way round
  present_token,  // again with a privacy token that was not shown, or at an address learnt since; see trust.h
  ping,           // is anybody there? Then again
  reconnect,      // another link, then again
  later,          // again after a delay
  pause,          // nothing of the account leaves until the delay is over
  hold,           // kept; whoever supervises the session decides
};
std::string_view healing_step_name(HealingStep step);

struct HealingTried {          // for one message
  int renewals = 0;            // renew_chat
  int waits = 0;               // later
  int unanswered = 0;          // acks that did not come
  int pauses = 0;              // of the account, since its last success
  bool other_form_is = false;  // there is another form, and it was not tried
};

struct HealingPlan {
  HealingStep step = HealingStep::end;
  Millis delay = 0;  // ms
};

HealingPlan plan_healing(const Error& refusal, const HealingTried& tried, Random& random);

}  // namespace pigeond::engine
